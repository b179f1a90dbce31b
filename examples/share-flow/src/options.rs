//! The command line.

use std::collections::BTreeSet;

use clap::{Parser, ValueEnum};
use serde::Serialize;
use staffpass::credentials::CredentialKind;

/// One share of staff credentials between two hospital trusts, from invitation to verified: three
/// parties in one process, over real HTTP on loopback. All people, trusts and numbers are fictional.
#[derive(Clone, Debug, Parser)]
#[command(version, about)]
#[non_exhaustive]
pub struct Options {
    /// The protocol that portal and wallet speak.
    #[arg(long, value_enum, default_value_t = Dialect::Microsoft)]
    pub dialect: Dialect,

    /// How the wallet's holder is identified: a long-form did:ion (secp256k1) or a did:jwk (P-256).
    #[arg(long, value_enum, default_value_t = Holder::Ion)]
    pub holder: Holder,

    /// What the person ticks. Identity is always shared.
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "identity,employment,training",
        value_name = "KIND,…"
    )]
    pub select: Vec<Kind>,

    /// A credential that the wallet lacks: the person is told what to do, and takes it out.
    #[arg(long, value_enum, value_name = "KIND")]
    pub without: Option<Optional>,

    /// A credential that its issuer has revoked: the share is refused, and the person takes it out.
    #[arg(long, value_enum, value_name = "KIND")]
    pub revoked: Option<Optional>,

    /// The person keys in a wrong code before each right one.
    #[arg(long)]
    pub wrong_code: bool,

    /// One JSON object on stdout, and nothing else.
    #[arg(long)]
    pub json: bool,
}

impl Options {
    /// What the person ticks, identity with it.
    pub(crate) fn selected(&self) -> BTreeSet<CredentialKind> {
        let ticked = self.select.iter().map(|kind| kind.kind());
        ticked.chain([CredentialKind::Identity]).collect()
    }

    /// How many responses the portal refuses: what was revoked, and the error of a wallet that lacks
    /// something, in the protocol that has one.
    pub(crate) fn refusals_expected(&self) -> usize {
        let lacks = self.without.is_some_and(|without| self.selected().contains(&without.kind()));
        let told = lacks && self.dialect == Dialect::Openid4vp;
        let revoked = self.revoked.filter(|revoked| self.without != Some(*revoked));
        let refused = revoked.is_some_and(|revoked| self.selected().contains(&revoked.kind()));
        usize::from(told) + usize::from(refused)
    }

    /// What makes a share with the ticked credentials fail.
    pub(crate) fn hindered(&self) -> BTreeSet<CredentialKind> {
        let hindrances = [self.without, self.revoked].into_iter().flatten();
        hindrances.map(Optional::kind).filter(|kind| self.selected().contains(kind)).collect()
    }
}

/// A protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Dialect {
    /// The JWT VC Presentation Profile, as Microsoft Authenticator speaks it.
    Microsoft,
    /// OpenID4VP 1.0.
    Openid4vp,
}

/// A kind of identifier of the holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Holder {
    /// A long-form did:ion with a secp256k1 key, as in Microsoft Authenticator.
    Ion,
    /// A did:jwk with a P-256 key.
    Jwk,
}

/// A kind of credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[non_exhaustive]
pub enum Kind {
    /// Who she is.
    Identity,
    /// For whom she works.
    Employment,
    /// What she was trained in.
    Training,
}

impl Kind {
    fn kind(self) -> CredentialKind {
        match self {
            Self::Identity => CredentialKind::Identity,
            Self::Employment => CredentialKind::Employment,
            Self::Training => CredentialKind::Training,
        }
    }
}

/// A kind of credential that need not be shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[non_exhaustive]
pub enum Optional {
    /// For whom she works.
    Employment,
    /// What she was trained in.
    Training,
}

impl Optional {
    pub(crate) fn kind(self) -> CredentialKind {
        match self {
            Self::Employment => CredentialKind::Employment,
            Self::Training => CredentialKind::Training,
        }
    }
}
