//! A round of four issuers that each take 50 ms: it takes the time of the slowest, not of the sum.
//! What is kept takes microseconds.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a bench")]

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use staffpass_fetch::{FetchOptions, Fetcher, Freshness};
use staffpass_verify::Source;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const ISSUERS: usize = 4;
const TAKES: Duration = Duration::from_millis(50);

/// A server on loopback that answers each request after its time.
async fn slow_server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut head = [0; 2048];
                let _ = stream.read(&mut head).await;
                tokio::time::sleep(TAKES).await;
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await;
            });
        }
    });
    port
}

fn options() -> FetchOptions {
    let mut options = FetchOptions::default().allow_loopback_http();
    // The bench asks oftener than a portal ever would.
    options.host_burst = u32::MAX;
    options.host_interval = Duration::ZERO;
    options
}

fn rounds(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let sources: Vec<Source> = runtime.block_on(async {
        let mut sources = Vec::new();
        for _ in 0..ISSUERS {
            let did = format!("did:web:localhost%3A{}", slow_server().await);
            sources.push(Source::DidDocument(did.parse().unwrap()));
        }
        sources
    });
    let mut nothing_kept = options();
    let zero = Duration::ZERO;
    nothing_kept.keys = Freshness::new(zero, zero, zero);
    let (cold, warm) = (Fetcher::new(&nothing_kept).unwrap(), Fetcher::new(&options()).unwrap());
    let mut group = criterion.benchmark_group("4 issuers of 50 ms");
    group.sample_size(10);
    group.bench_function("one round", |bencher| {
        bencher.iter(|| black_box(runtime.block_on(cold.fetch(&sources))));
    });
    group.bench_function("one after the other", |bencher| {
        bencher.iter(|| {
            for source in &sources {
                black_box(runtime.block_on(cold.fetch(std::slice::from_ref(source))));
            }
        });
    });
    group.bench_function("kept", |bencher| {
        bencher.iter(|| black_box(runtime.block_on(warm.fetch(&sources))));
    });
    group.finish();
}

criterion_group!(benches, rounds);
criterion_main!(benches);
