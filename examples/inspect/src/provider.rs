//! The crypto providers by their names.

use std::sync::Arc;

use staffpass_jose::CryptoProvider;
use staffpass_jose_aws_lc::AwsLc;

use crate::options::ProviderName;

/// The provider that the batch modes use.
pub(crate) fn usual() -> Arc<dyn CryptoProvider> {
    Arc::new(AwsLc)
}

/// The provider of this name.
pub(crate) fn named(name: ProviderName) -> Arc<dyn CryptoProvider> {
    match name {
        ProviderName::AwsLc => usual(),
        #[cfg(feature = "josekit")]
        ProviderName::Josekit => Arc::new(staffpass_jose_josekit::Josekit),
    }
}
