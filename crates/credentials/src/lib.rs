//! What a staff credential says: identity, employment and training, with their vocabularies and validation.
