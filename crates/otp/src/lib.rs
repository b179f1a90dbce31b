//! One-time codes that confirm an address, HOTP and TOTP, and the limits that make six digits safe.
