//! Servers on loopback that do as they are told, well or badly.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use staffpass_did::Did;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Barrier;
use tokio::task::JoinHandle;

/// An answer with status 200.
pub(crate) fn ok(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

pub(crate) struct Server {
    port: u16,
    seen: Arc<Seen>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    requests: Mutex<Vec<String>>,
}

impl Server {
    /// Answers each request with the bytes that are made for it, and closes the connection.
    pub(crate) async fn answering(
        answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        Self::answering_together(1, answer).await
    }

    /// The same, but answers none before so many requests have come.
    pub(crate) async fn answering_together(
        together: usize,
        answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let (barrier, answer) = (Arc::new(Barrier::new(together)), Arc::new(answer));
        Self::serving(move |mut stream, request| {
            let (barrier, answer) = (Arc::clone(&barrier), Arc::clone(&answer));
            async move {
                barrier.wait().await;
                let _ = stream.write_all(&answer(&request)).await;
                let _ = stream.shutdown().await;
            }
        })
        .await
    }

    /// Sends a head, then the same bytes again and again until nobody reads them.
    pub(crate) async fn streaming(head: &'static str, chunk: Vec<u8>, pause: Duration) -> Self {
        Self::serving(move |mut stream, _| {
            let chunk = chunk.clone();
            async move {
                let _ = stream.write_all(head.as_bytes()).await;
                while stream.write_all(&chunk).await.is_ok() {
                    tokio::time::sleep(pause).await;
                }
            }
        })
        .await
    }

    async fn serving<F, A>(serve: F) -> Self
    where
        F: Fn(TcpStream, String) -> A + Send + Sync + 'static,
        A: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Seen::default());
        let (own, serve) = (Arc::clone(&seen), Arc::new(serve));
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (seen, serve) = (Arc::clone(&own), Arc::clone(&serve));
                seen.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    let request = read_request(&mut stream).await;
                    seen.requests.lock().unwrap().push(request.clone());
                    serve(stream, request).await;
                });
            }
        });
        Self { port, seen, task }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The did:web whose document this server answers with.
    pub(crate) fn did(&self) -> Did {
        format!("did:web:localhost%3A{}", self.port).parse().unwrap()
    }

    pub(crate) fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.seen.requests.lock().unwrap().clone()
    }

    /// Stops listening, and returns the port that is now free.
    pub(crate) async fn close(self) -> u16 {
        self.task.abort();
        let _ = self.task.await;
        self.port
    }
}

/// Reads the head, and as much of a body as it announces.
async fn read_request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut end = usize::MAX;
    while request.len() < end {
        match stream.read_u8().await {
            Ok(byte) => request.push(byte),
            Err(_) => break,
        }
        if end == usize::MAX && request.ends_with(b"\r\n\r\n") {
            end = request.len() + announced(&request);
        }
    }
    String::from_utf8_lossy(&request).into_owned()
}

fn announced(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    length.map_or(0, |length| length.trim().parse().unwrap())
}
