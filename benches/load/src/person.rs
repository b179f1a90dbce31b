//! One person's share, from the link in her email to the last page.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use staffpass::query::{DcqlQuery, Query};
use staffpass::request::{AuthorizationRequest, Expectation, Link, Transport};
use staffpass_testkit::{Dialect, Encoding};

use crate::Error;
use crate::site::{Browser, unescape};
use crate::stage::{Guest, Stage};

/// Walks it, and says how long it took.
pub(crate) async fn share(stage: Arc<Stage>, number: u32) -> Result<Duration, Error> {
    let guest = stage.guest().await?;
    let [_, a, b, _] = number.to_be_bytes();
    let from = IpAddr::V4(Ipv4Addr::new(127, a, b, 1));
    let mut browser = Browser::new(&stage.portals, from)?;
    let began = Instant::now();
    connect(&mut browser, &guest).await?;
    answer(&stage, &browser).await?;
    browser.get("/share").await?;
    confirm(&stage, &mut browser, &guest).await?;
    browser.submit("/share/role", &[("role", "correct")]).await?;
    browser.shows("Details shared")?;
    Ok(began.elapsed())
}

async fn connect(browser: &mut Browser, guest: &Guest) -> Result<(), Error> {
    browser.get(&guest.path).await?;
    browser.submit(&guest.path, &[("registered", "before")]).await?;
    browser.submit("/share/start", &[]).await?;
    let ticks = [("credential", "employment"), ("credential", "training")];
    browser.submit("/share/select", &ticks).await?;
    browser.submit("/share/confirm", &[("answer", "openid4vp")]).await?;
    browser.shows("Connect to your wallet")
}

/// What the wallet does. The POST alone is what is measured.
async fn answer(stage: &Stage, browser: &Browser) -> Result<(), Error> {
    let links = browser.html.split("=\"").filter_map(|rest| rest.split('"').next());
    let mut links = links.filter(|link| link.starts_with("openid4vp://"));
    let link = unescape(links.next().ok_or("no link to a wallet")?);
    let link = Link::parse_with(&link, Transport::HttpsOrLoopbackHttp)?;
    let address = stage.address(link.request_uri());
    let object = browser.client().get(address).send().await?.error_for_status()?.text().await?;
    let object = link.read_object(&object)?;
    let request = object.unverified_request();
    let asked = expectation(request)?;
    let wallet = stage.wallet();
    let credentials = wallet.credentials.clone();
    let (dialect, encoding) = (Dialect::OpenId4Vp, Encoding::VcJwt);
    let answer = wallet.holder.answer(dialect, &asked, encoding, credentials, Utc::now());
    let post = browser.client().post(stage.address(request.response_uri())).body(answer.body());
    let began = Instant::now();
    post.send().await?.error_for_status()?.bytes().await?;
    stage.figures.answer(began.elapsed());
    Ok(())
}

fn expectation(request: &AuthorizationRequest) -> Result<Expectation, Error> {
    let (now, until) = (Utc::now(), Utc::now() + chrono::TimeDelta::minutes(5));
    let builder = Expectation::builder(request.client_id(), request.nonce(), now, until);
    let Query::Dcql(query) = request.query() else { return Err("not asked by DCQL".into()) };
    let builder = builder.query(Query::from(DcqlQuery::clone(query)));
    Ok(builder.state(request.state().ok_or("no state")?).build()?)
}

async fn confirm(stage: &Stage, browser: &mut Browser, guest: &Guest) -> Result<(), Error> {
    browser.shows("Create your profile")?;
    browser.submit("/share/profile", &[]).await?;
    browser.submit("/share/email", &[("email", &guest.email)]).await?;
    let code = stage.messages.code(&guest.email).await?;
    browser.submit("/share/code", &[("code", &code)]).await?;
    browser.submit("/share/mobile", &[("mobile", &guest.mobile)]).await?;
    let code = stage.messages.code(&guest.mobile).await?;
    browser.submit("/share/code", &[("code", &code)]).await?;
    browser.shows("Your role")
}
