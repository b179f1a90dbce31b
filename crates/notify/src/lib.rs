//! Carries a code or a message to a person.
