//! Decentralized identifiers and their documents: did:web, did:jwk, did:key and long-form did:ion.
