//! Verifiable-credential libraries for sharing staff credentials between hospital trusts: the front door.
