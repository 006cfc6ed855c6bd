//! AWS's clock, where this machine's is another.
//!
//! AWS refuses a request whose signature is of another time than its own, by five minutes (IAM User Guide, "AWS Signature Version 4 for API
//! requests"). The SDK signs by this machine's clock, however wrong (aws-sdk-rust#1033), and a token for a cluster is such a signature, too. So
//! the first refusal tells the time: each answer has it in its `Date` header.

use std::{
    sync::{
        Arc, LazyLock,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime},
};

use aws_smithy_async::time::TimeSource;
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
        SharedHttpConnector,
    },
    interceptors::context::InterceptorContext,
    orchestrator::{HttpRequest, HttpResponse},
    retries::classifiers::{ClassifyRetry, RetryAction},
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::{DateTime, date_time::Format, retry::ErrorKind};

/// This machine has one clock, and whatever is read and done by it goes by what AWS has told of it.
static OF_THIS_MACHINE: LazyLock<Clock> = LazyLock::new(Clock::default);

/// What AWS takes is five minutes; a difference of which a minute was on the way is none to go by.
const TOLERANCE: Duration = Duration::from_secs(4 * 60);

/// Put into a refusal that was of the time, for the classifier: it sees the answer and not the request.
const OF_THE_TIME: &str = "x-oarlock-signed-at-another-time";

/// A clock that is set by AWS's, where that refuses what was signed by it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock {
    /// So many seconds AWS's is ahead.
    ahead: Arc<AtomicI64>,
}

impl Clock {
    pub(crate) fn of_this_machine() -> Self {
        OF_THIS_MACHINE.clone()
    }

    /// Seconds by which AWS's is ahead; none until a refusal has told.
    pub(super) fn ahead(&self) -> i64 {
        self.ahead.load(Ordering::Relaxed)
    }

    /// Whether an answer refuses what was signed at this time, by AWS's clock another one; then this clock goes by that.
    fn learn(&self, signed: Option<DateTime>, answer: &HttpResponse) -> bool {
        let date =
            answer.headers().get("date").and_then(|text| DateTime::from_str(text, Format::HttpDate).ok());
        let Some((signed, date)) = signed.zip(date).filter(|_| answer.status().is_client_error()) else {
            return false;
        };
        let is_off = signed.secs().abs_diff(date.secs()) > TOLERANCE.as_secs();
        if is_off {
            self.ahead.store(date.secs() - DateTime::from(own()).secs(), Ordering::Relaxed);
        }
        is_off
    }
}

impl TimeSource for Clock {
    fn now(&self) -> SystemTime {
        let seconds = Duration::from_secs(self.ahead().unsigned_abs());
        let now = own();
        let set = if self.ahead() < 0 { now.checked_sub(seconds) } else { now.checked_add(seconds) };
        set.unwrap_or(now)
    }
}

#[expect(clippy::disallowed_methods, reason = "requests say when they were made")]
fn own() -> SystemTime {
    SystemTime::now()
}

/// `X-Amz-Date`, for example `20260102T030405Z`.
fn signed_at(request: &HttpRequest) -> Option<DateTime> {
    let text = request.headers().get("x-amz-date")?;
    let part = |from, to| text.get(from..to);
    let (date, time) =
        (part(0, 4).zip(part(4, 6)).zip(part(6, 8))?, part(9, 11).zip(part(11, 13)).zip(part(13, 15))?);
    let (((year, month), day), ((hour, minute), second)) = (date, time);
    DateTime::from_str(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"), Format::DateTime).ok()
}

/// A client whose refusals set the clock.
#[derive(Debug)]
struct Watched<T> {
    inner: T,
    clock: Clock,
}

/// The same client, whose refusals set the clock.
pub(super) fn watched(client: SharedHttpClient, clock: Clock) -> SharedHttpClient {
    SharedHttpClient::new(Watched { inner: client, clock })
}

impl HttpClient for Watched<SharedHttpClient> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Watched { inner, clock: self.clock.clone() })
    }
}

impl HttpConnector for Watched<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (signed, clock, answer) = (signed_at(&request), self.clock.clone(), self.inner.call(request));
        HttpConnectorFuture::new(async move {
            let mut answer = answer.await?;
            if clock.learn(signed, &answer) {
                answer.headers_mut().insert(OF_THE_TIME, "true");
            }
            Ok(answer)
        })
    }
}

/// Has what was refused for its time signed anew, by the clock that was set meanwhile.
#[derive(Debug)]
pub(super) struct SignedAnew;

impl ClassifyRetry for SignedAnew {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let is_of_the_time =
            context.response().is_some_and(|answer| answer.headers().contains_key(OF_THE_TIME));
        if is_of_the_time {
            RetryAction::retryable_error(ErrorKind::TransientError)
        } else {
            RetryAction::NoActionIndicated
        }
    }

    fn name(&self) -> &'static str {
        "SignedAnew"
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::body::SdkBody;

    use super::*;

    fn date(from: i64, format: Format) -> String {
        DateTime::from_secs(DateTime::from(own()).secs() + from).fmt(format).unwrap()
    }

    fn answered(status: u16, from: i64) -> HttpResponse {
        let mut answer = HttpResponse::new(status.try_into().unwrap(), SdkBody::empty());
        answer.headers_mut().insert("date", date(from, Format::HttpDate));
        answer
    }

    /// How far ahead AWS's clock is taken to be, after an answer that was given so many seconds from now to a request of now.
    fn learned(status: u16, from: i64) -> i64 {
        let clock = Clock::default();
        let mut request = HttpRequest::empty();
        let now = date(0, Format::DateTime).replace(['-', ':'], "");
        request.headers_mut().insert("x-amz-date", now);
        clock.learn(signed_at(&request), &answered(status, from));
        clock.ahead()
    }

    #[test]
    fn a_refusal_of_another_time_sets_the_clock() {
        for from in [-600, 600] {
            let ahead = learned(403, from);
            assert!((ahead - from).abs() <= 1, "{from} and {ahead}");
        }
    }

    #[test]
    fn what_is_not_refused_or_not_of_another_time_sets_nothing() {
        assert_eq!(learned(200, 600), 0);
        assert_eq!(learned(403, 200), 0);
        let clock = Clock::default();
        assert!(!clock.learn(None, &answered(403, 600)), "who signs nothing has no time");
    }

    #[test]
    fn a_clock_that_was_set_is_as_far_from_this_machines() {
        let clock = Clock { ahead: Arc::new(AtomicI64::new(-600)) };
        let behind = own().duration_since(clock.now()).unwrap();
        assert!(behind.as_secs().abs_diff(600) <= 1, "{behind:?}");
    }
}
