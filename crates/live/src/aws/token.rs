//! Tokens for EKS: `k8s-aws-v1.` and a presigned `sts:GetCallerIdentity`, with the cluster's name in a signed header
//! (aws-iam-authenticator, pkg/token/token.go, `GetWithSTS`).

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign},
    sign::v4,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;

use crate::cause::Cause;

const PREFIX: &str = "k8s-aws-v1.";

/// The header that says for which cluster the token is (pkg/token/token.go, `clusterIDHeader`).
const CLUSTER_HEADER: &str = "x-k8s-aws-id";

/// What the presigned request says of itself. The authenticator takes a token for 15 minutes whatever this is, and no value above
/// them; clients use 60 (pkg/token/token.go, `requestPresignParam`).
const EXPIRES: Duration = Duration::from_secs(60);

/// For whom, to which STS.
pub(super) struct Presigned<'a> {
    pub(super) credentials: &'a Credentials,
    /// STS's own address in the region: the authenticator takes no other (pkg/token/token.go, `verifyHost`).
    pub(super) sts: &'a str,
    pub(super) region: &'a str,
    pub(super) cluster: &'a str,
    pub(super) now: SystemTime,
}

impl Presigned<'_> {
    pub(super) fn token(&self) -> Result<SecretString, Cause> {
        Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(self.url()?)).into())
    }

    fn url(&self) -> Result<String, Cause> {
        let url = format!("{}/?Action=GetCallerIdentity&Version=2011-06-15", self.sts);
        let failed = |error: &(dyn std::error::Error + 'static)| {
            Cause::new(format!("no token can be signed: {}", crate::cause::chain(error)))
        };
        let mut settings = SigningSettings::default();
        settings.expires_in = Some(EXPIRES);
        settings.signature_location = SignatureLocation::QueryParams;
        let identity = self.credentials.clone().into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(self.region)
            .name("sts")
            .time(self.now)
            .settings(settings)
            .build()
            .map_err(|error| failed(&error))?;
        let headers = [(CLUSTER_HEADER, self.cluster)];
        let request = SignableRequest::new("GET", &url, headers.into_iter(), SignableBody::Bytes(b""))
            .map_err(|error| failed(&error))?;
        let signed = sign(request, &parameters.into()).map_err(|error| failed(&error))?;
        let mut request = http::Request::builder().uri(url).body(()).map_err(|error| failed(&error))?;
        signed.into_parts().0.apply_to_request_http1x(&mut request);
        Ok(request.uri().to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use secrecy::ExposeSecret as _;

    use super::*;

    /// What a token presigns: its parameters, decoded.
    fn presigned(session_token: Option<&str>) -> (String, BTreeMap<String, String>) {
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        let credentials =
            Credentials::new("AKIDEXAMPLE", secret, session_token.map(str::to_owned), None, "test");
        let presigned = Presigned {
            credentials: &credentials,
            sts: "https://sts.eu-west-1.amazonaws.com",
            region: "eu-west-1",
            cluster: "prod",
            // 2026-01-02T03:04:05Z
            now: SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045),
        };
        let token = presigned.token().unwrap();
        let encoded = token.expose_secret().strip_prefix(PREFIX).unwrap();
        let url = String::from_utf8(URL_SAFE_NO_PAD.decode(encoded).unwrap()).unwrap();
        let (address, query) = url.split_once('?').unwrap();
        let decoded =
            |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned();
        let parameters = query.split('&').map(|pair| {
            let (name, value) = pair.split_once('=').unwrap();
            (decoded(name), decoded(value))
        });
        (address.to_owned(), parameters.collect())
    }

    fn expected(more: &[(&str, &str)]) -> BTreeMap<String, String> {
        let common = [
            ("Action", "GetCallerIdentity"),
            ("Version", "2011-06-15"),
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Credential", "AKIDEXAMPLE/20260102/eu-west-1/sts/aws4_request"),
            ("X-Amz-Date", "20260102T030405Z"),
            ("X-Amz-Expires", "60"),
            ("X-Amz-SignedHeaders", "host;x-k8s-aws-id"),
        ];
        common.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// The signatures are botocore's, of the same request by the same credentials at the same time.
    #[test]
    fn a_token_is_signed_as_botocore_signs_it() {
        let signature = "a258d6fcd6d1b4ed68c85123ac7623319529dada87c82ec48bd5a9ec12959b63";
        let (address, parameters) = presigned(None);
        assert_eq!(address, "https://sts.eu-west-1.amazonaws.com/");
        assert_eq!(parameters, expected(&[("X-Amz-Signature", signature)]));
    }

    #[test]
    fn a_sessions_token_is_signed_too() {
        let signature = "77d571becb020a5574da5b33f30a9d3c4b3f0203e97e8feb91d309eaf443a23f";
        let session = "FwoGZXIvYXdzEXAMPLE//token==";
        let more = [("X-Amz-Security-Token", session), ("X-Amz-Signature", signature)];
        assert_eq!(presigned(Some(session)).1, expected(&more));
    }
}
