//! A crypto provider of staffpass on josekit and OpenSSL.
