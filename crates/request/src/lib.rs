//! Presentation requests in a wallet's protocol, and the exact record of what was asked.
