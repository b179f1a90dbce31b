//! Simulated issuer, wallet and portal for the tests of staffpass.
