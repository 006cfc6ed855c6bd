//! Why something couldn't be read, in AWS's and Kubernetes' own words, and never with a credential in it.

use std::{error::Error, fmt};

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// Why something couldn't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cause {
    text: String,
    /// What the service calls it, for example `AccessDeniedException`.
    code: Option<String>,
    /// Whether nobody answered, so that there is no sense in asking for more.
    is_silence: bool,
}

impl Cause {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), code: None, is_silence: false }
    }

    /// Nobody answered.
    pub(crate) fn silence(text: impl Into<String>) -> Self {
        Self { is_silence: true, ..Self::new(text) }
    }

    pub(crate) fn coded(code: &str, message: &str) -> Self {
        let text = if message.is_empty() { code.to_owned() } else { format!("{code}: {message}") };
        Self { code: Some(code.to_owned()), ..Self::new(text) }
    }

    /// What AWS says. Of what the SDK says itself only its words are taken: its debug output has requests and answers in it.
    pub(crate) fn of_aws<E, R>(error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
        R: fmt::Debug + 'static,
    {
        match error {
            SdkError::ServiceError(refused) => {
                let refused = refused.err();
                match refused.code() {
                    Some(code) => Self::coded(code, refused.message().unwrap_or_default()),
                    None => Self::new(chain(refused)),
                }
            }
            SdkError::TimeoutError(_) => Self::silence("AWS gave no answer in time"),
            SdkError::DispatchFailure(failed) => {
                let words =
                    failed.as_connector_error().map_or_else(|| "no connection".to_owned(), |e| chain(e));
                Self::silence(format!("AWS can't be asked: {words}"))
            }
            other => Self::new(chain(other)),
        }
    }

    pub(crate) fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// Whether what was asked about isn't there, as IAM, EKS or an API server says it.
    pub(crate) fn is_absence(&self) -> bool {
        ["NoSuchEntity", "ResourceNotFoundException", "NotFound"].iter().any(|code| self.is(code))
    }

    pub(crate) fn is_silence(&self) -> bool {
        self.is_silence
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What isn't there any more needn't be taken away.
pub(crate) fn absent_or<T>(result: Result<T, Cause>) -> Result<(), Cause> {
    match result {
        Err(cause) if cause.is_absence() => Ok(()),
        other => other.map(drop),
    }
}

/// The words of an error and of what is behind it, each once.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let words = inner.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        source = inner.source();
    }
    // One line: a gap is read in lists.
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
