//! Signed staff credentials from typed models, with status entries and the lists that a trust keeps.
