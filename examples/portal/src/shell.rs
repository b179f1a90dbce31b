//! What is around every handler: headers, limits, the log, and the loop that serves.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Extension;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tower::Layer as _;

use crate::service::Portal;
use crate::{Error, pages};

/// No script but the portal's own file, no frame, no form to anywhere else. A wallet's link is a link
/// and not a form, so no scheme of a wallet is here.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; \
    frame-ancestors 'none'; base-uri 'none'";

/// A call that takes longer is given up: a slow client, or evidence that does not come.
const PATIENCE: Duration = Duration::from_secs(40);

/// Headers of a request that come more slowly are given up.
const HEADERS_WITHIN: Duration = Duration::from_secs(10);

/// Calls that are under way when the portal ends have so long.
const LAST_CALLS: Duration = Duration::from_secs(20);

/// Around every handler. The log has the route, never the path: paths hold tokens.
pub(crate) async fn around(State(portal): State<Portal>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let (parts, body) = request.into_parts();
    let network = portal.network(&parts);
    let request = Request::from_parts(parts, body);
    let mut response = if portal.allows(&network) {
        let answered = tokio::time::timeout(PATIENCE, next.run(request)).await;
        answered.unwrap_or_else(|_| pages::problem(&portal, StatusCode::SERVICE_UNAVAILABLE))
    } else {
        pages::too_many_calls(&portal)
    };
    guard(&portal, &mut response);
    let (status, took) = (response.status().as_u16(), began.elapsed());
    portal.metrics().count(route, status, took);
    let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(%method, route, status, milliseconds, "answered");
    response
}

fn guard(portal: &Portal, response: &mut Response) {
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(CONTENT_SECURITY_POLICY, POLICY);
    set(REFERRER_POLICY, "no-referrer");
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()");
    if portal.has_https() {
        set(STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// `GET /readyz`: whether the database answers.
pub(crate) async fn ready(State(portal): State<Portal>) -> Response {
    match portal.store().check().await {
        Ok(()) => "ready".into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer").into_response(),
    }
}

impl Portal {
    /// Serves until `end`, and then finishes what is under way. A client that is slow with its
    /// headers is not waited for.
    ///
    /// # Errors
    ///
    /// What the listener says.
    pub async fn serve(
        &self,
        listener: TcpListener,
        end: impl Future<Output = ()>,
    ) -> Result<(), Error> {
        self.serve_metrics().await?;
        let (router, graceful) = (self.router(), GracefulShutdown::new());
        let mut http =
            hyper_util::server::conn::auto::Builder::new(hyper_util::rt::TokioExecutor::new());
        http.http1().timer(TokioTimer::new()).header_read_timeout(HEADERS_WITHIN);
        let mut end = std::pin::pin!(end);
        let housekeeping = tokio::spawn(self.clone().keep_house());
        loop {
            let (stream, peer): (_, SocketAddr) = tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok(accepted) => accepted,
                    // Too many open files, a connection that is gone again: the next may do.
                    Err(_) => { tokio::time::sleep(Duration::from_millis(50)).await; continue; }
                },
                () = &mut end => break,
            };
            let service = Extension(ConnectInfo(peer)).layer(router.clone());
            let connection =
                http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
            let connection = graceful.watch(connection.into_owned());
            tokio::spawn(connection);
        }
        drop(listener);
        housekeeping.abort();
        let _ = tokio::time::timeout(LAST_CALLS, graceful.shutdown()).await;
        self.store().close().await;
        Ok(())
    }
}
