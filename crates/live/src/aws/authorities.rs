//! Which certificate authorities AWS's endpoints are believed by.

use std::path::PathBuf;

use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use rustls_pki_types::{CertificateDer, pem::PemObject as _};

/// A file of certificate authorities, in the place of the system's (AWS CLI User Guide, "Environment variables").
const BUNDLE: &str = "AWS_CA_BUNDLE";

/// Certificate authorities that somebody named and that can't be used.
#[derive(Debug, thiserror::Error)]
#[error("`{BUNDLE}` names `{file}`, which {what}")]
pub struct AuthoritiesError {
    file: PathBuf,
    what: String,
}

/// The system's, or those that the environment names instead.
#[expect(clippy::disallowed_methods, reason = "where the AWS CLI looks for it")]
pub(super) fn trusted() -> Result<TlsContext, AuthoritiesError> {
    let store = match std::env::var_os(BUNDLE).filter(|file| !file.is_empty()) {
        None => TrustStore::default(),
        Some(file) => {
            let file = PathBuf::from(file);
            let bytes = std::fs::read(&file).map_err(|error| format!("can't be read: {error}"));
            let bytes = bytes.and_then(certificates).map_err(|what| AuthoritiesError { file, what })?;
            TrustStore::empty().with_pem_certificate(bytes)
        }
    };
    Ok(TlsContext::builder().with_trust_store(store).build().unwrap_or_default())
}

/// The same bytes, if they are certificates in PEM: whoever connects takes that for granted.
fn certificates(bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    match all {
        Err(error) => Err(format!("is no PEM file of certificates: {error}")),
        Ok(all) if all.is_empty() => Err("has no certificate in it: PEM is wanted".to_owned()),
        Ok(_) => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";

    #[test]
    fn a_bundle_is_one_certificate_or_more() {
        let two = format!("# ours\n{CERTIFICATE}# the proxy's\n{CERTIFICATE}");
        assert_eq!(certificates(two.clone().into_bytes()), Ok(two.into_bytes()));
    }

    #[test]
    fn what_is_no_certificate_is_said_and_nothing_is_asked() {
        let key = CERTIFICATE.replace("CERTIFICATE", "PRIVATE KEY");
        for none in ["", "MAA=", &key] {
            let refused = certificates(none.as_bytes().to_vec());
            assert_eq!(refused, Err("has no certificate in it: PEM is wanted".to_owned()), "{none}");
        }
        let cut = certificates(CERTIFICATE.as_bytes()[..40].to_vec());
        assert!(cut.is_err_and(|what| what.starts_with("is no PEM file")));
    }
}
