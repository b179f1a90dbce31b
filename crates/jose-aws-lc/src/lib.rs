//! The default crypto provider of staffpass: aws-lc-rs, and libsecp256k1 for ES256K.
