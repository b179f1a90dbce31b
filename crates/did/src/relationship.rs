//! What a key is for (DID Core §5.3).

use std::fmt;

/// A verification relationship.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "DID Core §5.3 has these five")]
pub enum Relationship {
    /// `authentication`: the key signs presentations and ID tokens.
    Authentication,
    /// `assertionMethod`: the key signs credentials, status lists and domain linkage.
    AssertionMethod,
    /// `keyAgreement`: something is encrypted to the key. It verifies nothing.
    KeyAgreement,
    /// `capabilityInvocation`.
    CapabilityInvocation,
    /// `capabilityDelegation`.
    CapabilityDelegation,
}

impl Relationship {
    /// Every relationship, in the order of DID Core §5.3.
    pub const ALL: [Self; 5] = [
        Self::Authentication,
        Self::AssertionMethod,
        Self::KeyAgreement,
        Self::CapabilityInvocation,
        Self::CapabilityDelegation,
    ];

    /// Its member in a DID document, and its name among the `purposes` of a did:ion key.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Authentication => "authentication",
            Self::AssertionMethod => "assertionMethod",
            Self::KeyAgreement => "keyAgreement",
            Self::CapabilityInvocation => "capabilityInvocation",
            Self::CapabilityDelegation => "capabilityDelegation",
        }
    }

    /// The relationship of this exact name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|relationship| relationship.name() == name)
    }
}

/// A set of verification relationships.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Relationships(u8);

impl Relationships {
    /// No relationship: the key is listed, and is for nothing.
    pub const NONE: Self = Self(0);

    /// The four that a signature key can have: all but `keyAgreement`.
    pub const SIGNING: Self = Self::NONE
        .with(Relationship::Authentication)
        .with(Relationship::AssertionMethod)
        .with(Relationship::CapabilityInvocation)
        .with(Relationship::CapabilityDelegation);

    /// This set and one relationship more.
    #[must_use]
    pub const fn with(self, relationship: Relationship) -> Self {
        Self(self.0 | Self::bit(relationship))
    }

    /// Whether the set has a relationship.
    #[must_use]
    pub const fn contains(self, relationship: Relationship) -> bool {
        self.0 & Self::bit(relationship) != 0
    }

    /// Whether the set has none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The relationships of the set, in the order of DID Core §5.3.
    pub fn iter(self) -> impl Iterator<Item = Relationship> {
        Relationship::ALL.into_iter().filter(move |relationship| self.contains(*relationship))
    }

    const fn bit(relationship: Relationship) -> u8 {
        match relationship {
            Relationship::Authentication => 1,
            Relationship::AssertionMethod => 2,
            Relationship::KeyAgreement => 4,
            Relationship::CapabilityInvocation => 8,
            Relationship::CapabilityDelegation => 16,
        }
    }
}

impl FromIterator<Relationship> for Relationships {
    fn from_iter<T: IntoIterator<Item = Relationship>>(relationships: T) -> Self {
        relationships.into_iter().fold(Self::NONE, Self::with)
    }
}

impl From<Relationship> for Relationships {
    fn from(relationship: Relationship) -> Self {
        Self::NONE.with(relationship)
    }
}

impl fmt::Debug for Relationships {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways_and_bits_are_distinct() {
        let mut set = Relationships::NONE;
        for relationship in Relationship::ALL {
            assert_eq!(Relationship::from_name(relationship.name()), Some(relationship));
            assert!(!set.contains(relationship));
            set = set.with(relationship);
            assert!(set.contains(relationship));
        }
        assert_eq!(set.iter().collect::<Relationships>(), set);
        assert_eq!(set.iter().count(), 5);
        assert_eq!(Relationship::from_name("Authentication"), None);
        assert!(!Relationships::SIGNING.contains(Relationship::KeyAgreement));
        assert_eq!(
            format!("{:?}", Relationships::from(Relationship::KeyAgreement)),
            "{KeyAgreement}"
        );
    }
}
