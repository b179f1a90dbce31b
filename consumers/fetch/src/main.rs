//! Brings a DID document from a server on this machine.
use std::sync::Arc;

use staffpass_fetch::{FetchOptions, Fetcher};
use staffpass_jose_aws_lc::AwsLc;
use staffpass_verify::{Evidence, Source};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let did = format!("did:web:localhost%3A{}", server.local_addr()?.port());
    let body = format!(r#"{{"id":"{did}","verificationMethod":[]}}"#);
    tokio::spawn(async move {
        let (mut stream, _) = server.accept().await?;
        let _ = stream.read(&mut [0; 4096]).await?;
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all((head + &body).as_bytes()).await
    });

    let fetcher = Fetcher::new(&FetchOptions::default().allow_loopback_http())?;
    let mut evidence = Evidence::new(Arc::new(AwsLc));
    let needs = [Source::DidDocument(did.parse()?)];
    let failures = fetcher.bring(&needs, &mut evidence, chrono::Utc::now()).await;
    println!("brought, with {} failures", failures.len());
    if failures.is_empty() { Ok(()) } else { Err(failures[0].error.code().into()) }
}
