//! TLS for calls to other hosts: the certificates that the machine trusts, and one crypto provider.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};

/// Settings for HTTP/1.1 over TLS. Without certificates every https call fails, and a line in the log
/// says why.
pub(crate) fn config() -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (trusted, _) = roots.add_parsable_certificates(found.certs);
    if trusted == 0 {
        tracing::warn!(errors = ?found.errors, "this machine trusts no certificates, so https calls will fail; install ca-certificates");
    }
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
