//! Status lists that say which credentials were revoked: making, reading, bit orders and bounds.
