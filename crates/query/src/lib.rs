//! What is asked of a wallet, and whether given claims answer it: DCQL and a fixed subset of Presentation Exchange.
