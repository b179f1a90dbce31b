//! How to build with staffpass: one page for each thing that people set out to do.
//!
//! | page | for whom |
//! |---|---|
//! | [`portal`] | you want a working portal, in an hour |
//! | [`one_crate`] | you want one part, and nothing else |
//! | [`bring_your_own`] | you have a database, an HTTP client, an HSM, a mail gateway |
//! | [`trust_policy`] | you decide whom your trust believes |
//! | [`authenticator`] | the people have Microsoft Authenticator |
//! | [`entra`] | you use Microsoft's Request Service today |
//! | [`other_crates`] | you use `ssi`, `openid4vp` or `josekit` today |
//! | [`machines`] | the portal runs on more than one machine |
//! | [`reviewer`] | you are to break it |
//! | [`operating`] | you keep it running |
//! | [`glossary`] | a word is new to you |
//!
//! Every snippet in Rust is compiled and run by `cargo test`. Every command in a block marked `sh` is run
//! by `.ci/guide`, in the repository's root.

#[doc = include_str!("portal/1-identity.md")]
#[doc = "```"]
#[doc = include_str!("portal/identity.rs")]
#[doc = "```"]
#[doc = include_str!("portal/2-ask.md")]
#[doc = "```"]
#[doc = include_str!("portal/ask.rs")]
#[doc = "```"]
#[doc = include_str!("portal/3-judge.md")]
#[doc = "```"]
#[doc = include_str!("portal/judge.rs")]
#[doc = "```"]
#[doc = include_str!("portal/4-confirm.md")]
#[doc = "```"]
#[doc = include_str!("portal/confirm.rs")]
#[doc = "```"]
#[doc = include_str!("portal/5-submit.md")]
pub mod portal {}

#[doc = include_str!("one_crate.md")]
pub mod one_crate {}

#[doc = include_str!("bring_your_own.md")]
pub mod bring_your_own {}

#[doc = include_str!("trust_policy.md")]
pub mod trust_policy {}

#[doc = include_str!("authenticator.md")]
pub mod authenticator {}

#[doc = include_str!("entra.md")]
pub mod entra {}

#[doc = include_str!("other_crates.md")]
pub mod other_crates {}

#[doc = include_str!("machines.md")]
pub mod machines {}

#[doc = include_str!("reviewer.md")]
pub mod reviewer {}

#[doc = include_str!("operating.md")]
pub mod operating {}

#[doc = include_str!("glossary.md")]
pub mod glossary {}
