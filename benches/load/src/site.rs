//! The portals as one browser sees them: cookies, forms, and each call to the next portal.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::{Client, Response};

use crate::Error;

/// Where the portals are; calls go round.
#[derive(Clone)]
pub(crate) struct Portals {
    pub(crate) bases: Vec<String>,
    next: Arc<AtomicUsize>,
}

impl Portals {
    pub(crate) fn new(bases: Vec<String>) -> Self {
        Self { bases, next: Arc::default() }
    }

    pub(crate) fn next(&self) -> &str {
        let place = self.next.fetch_add(1, Ordering::Relaxed) % self.bases.len().max(1);
        self.bases.get(place).map(String::as_str).unwrap_or_default()
    }
}

pub(crate) struct Browser {
    portals: Portals,
    client: Client,
    jar: BTreeMap<String, String>,
    pub(crate) html: String,
}

impl Browser {
    /// From an address of its own.
    pub(crate) fn new(portals: &Portals, from: IpAddr) -> Result<Self, Error> {
        let client = Client::builder().redirect(reqwest::redirect::Policy::none());
        let client = client.local_address(from).timeout(Duration::from_secs(60)).build()?;
        Ok(Self { portals: portals.clone(), client, jar: BTreeMap::new(), html: String::new() })
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// A page, wherever it leads.
    pub(crate) async fn get(&mut self, path: &str) -> Result<(), Error> {
        let mut path = path.to_owned();
        for _ in 0..4 {
            let request = self.client.get(format!("{}{path}", self.portals.next()));
            let reply = request.header("cookie", self.cookies()).send().await?;
            match self.read(reply).await? {
                Some(next) => path = next,
                None => return Ok(()),
            }
        }
        Err(format!("{path} leads round").into())
    }

    /// The form of the page with this action, filled in.
    pub(crate) async fn submit(
        &mut self,
        action: &str,
        fields: &[(&str, &str)],
    ) -> Result<(), Error> {
        let mut form = hidden(&self.html, action)?;
        form.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let request = self.client.post(format!("{}{action}", self.portals.next())).form(&form);
        let reply = request.header("cookie", self.cookies()).send().await?;
        match self.read(reply).await? {
            Some(next) => self.get(&next).await,
            None => Err(format!("{action}: {}", self.title()).into()),
        }
    }

    fn cookies(&self) -> String {
        let pairs: Vec<_> =
            self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    async fn read(&mut self, reply: Response) -> Result<Option<String>, Error> {
        for cookie in reply.headers().get_all("set-cookie") {
            let pair = cookie.to_str()?.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
        let location = reply.headers().get("location").map(|next| next.to_str().map(str::to_owned));
        self.html = reply.text().await?;
        Ok(location.transpose()?)
    }

    pub(crate) fn title(&self) -> &str {
        let title = self.html.split("<title>").nth(1).unwrap_or_default();
        title.split(" - ").next().unwrap_or_default()
    }

    pub(crate) fn shows(&self, title: &str) -> Result<(), Error> {
        if self.title() == title {
            return Ok(());
        }
        Err(format!("on \"{}\", not on \"{title}\"", self.title()).into())
    }
}

fn hidden(html: &str, action: &str) -> Result<Vec<(String, String)>, Error> {
    let form = html.split(&format!("action=\"{action}\"")).nth(1);
    let form = form.ok_or_else(|| format!("no form {action}"))?;
    let inputs = form.split("</form>").next().unwrap_or_default().split("<input ").skip(1);
    let hidden = inputs.filter(|input| input.starts_with("type=\"hidden\""));
    Ok(hidden.map(|input| (attribute(input, "name"), attribute(input, "value"))).collect())
}

fn attribute(tag: &str, name: &str) -> String {
    let value = tag.split(&format!("{name}=\"")).nth(1).unwrap_or_default();
    unescape(value.split('"').next().unwrap_or_default())
}

pub(crate) fn unescape(text: &str) -> String {
    text.replace("&#38;", "&").replace("&#34;", "\"").replace("&amp;", "&")
}
