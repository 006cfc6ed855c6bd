//! Waiting by asking: the same question again and again, more and more slowly, until the answer is yes or the time is up.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use tokio::time::{Instant, sleep};

use crate::cause::Cause;

/// Between the first two questions: where a service shows what it has just been told, and where pods or Argo CD have to do something.
const FIRST: Duration = Duration::from_millis(200);
const FIRST_SLOWLY: Duration = Duration::from_secs(1);

/// Between the last ones.
const LONGEST: Duration = Duration::from_secs(10);

/// The pause after a pause.
fn after(pause: Duration) -> Duration {
    (pause * 2).min(LONGEST)
}

/// Why a step isn't done.
#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    /// It was refused, or isn't as it should be.
    Failed(String),
    /// Nobody could see how it is.
    Unobserved(String),
}

impl From<Cause> for Trouble {
    fn from(cause: Cause) -> Self {
        Self::Failed(cause.to_string())
    }
}

/// One answer.
pub(crate) enum Seen<T> {
    Yes(T),
    /// Not yet, and what there is instead.
    No(String),
    /// Not yet, and who says so to the end means it.
    Wrong(String),
}

/// How long to ask, and whether somebody ended it.
#[derive(Debug)]
pub(crate) struct Patience {
    wait: Duration,
    pub(crate) interrupted: AtomicBool,
}

impl Patience {
    pub(crate) fn new(wait: Duration) -> Self {
        Self { wait, interrupted: AtomicBool::new(false) }
    }

    /// Asks until the answer is yes; else what there was instead at last.
    pub(crate) async fn until<T, F>(&self, ask: impl FnMut() -> F) -> Result<T, Trouble>
    where
        F: Future<Output = Result<Seen<T>, Trouble>>,
    {
        self.asking(FIRST, ask).await
    }

    /// The same, where the answer takes seconds at least.
    pub(crate) async fn slowly<T, F>(&self, ask: impl FnMut() -> F) -> Result<T, Trouble>
    where
        F: Future<Output = Result<Seen<T>, Trouble>>,
    {
        self.asking(FIRST_SLOWLY, ask).await
    }

    async fn asking<T, F>(&self, mut pause: Duration, mut ask: impl FnMut() -> F) -> Result<T, Trouble>
    where
        F: Future<Output = Result<Seen<T>, Trouble>>,
    {
        let end = Instant::now() + self.wait;
        loop {
            let (instead, is_meant) = match ask().await? {
                Seen::Yes(answer) => return Ok(answer),
                Seen::No(instead) => (instead, false),
                Seen::Wrong(instead) => (instead, true),
            };
            if self.interrupted.load(Ordering::Relaxed) {
                return Err(Trouble::Unobserved(format!("interrupted while waiting: {instead}")));
            }
            let now = Instant::now();
            if now >= end && is_meant {
                return Err(Trouble::Failed(instead));
            }
            if now >= end {
                let seconds = self.wait.as_secs();
                return Err(Trouble::Unobserved(format!("{instead}, after waiting {seconds} s")));
            }
            sleep(pause.min(end - now)).await;
            pause = after(pause);
        }
    }

    /// Makes a request again while it is refused as something that was made just now and isn't known everywhere.
    pub(crate) async fn while_refused<T, F>(
        &self,
        is_too_early: impl Fn(&Cause) -> bool,
        mut request: impl FnMut() -> F,
    ) -> Result<T, Trouble>
    where
        F: Future<Output = Result<T, Cause>>,
    {
        let is_too_early = &is_too_early;
        let asked = self
            .until(|| {
                let request = request();
                async move {
                    match request.await {
                        Ok(answer) => Ok(Seen::Yes(answer)),
                        Err(cause) if is_too_early(&cause) => Ok(Seen::No(cause.to_string())),
                        Err(cause) => Err(Trouble::from(cause)),
                    }
                }
            })
            .await;
        // What was refused to the end has failed.
        asked.map_err(|trouble| match trouble {
            Trouble::Unobserved(why) | Trouble::Failed(why) => Trouble::Failed(why),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_five_minutes_hardly_more_is_asked_than_every_ten_seconds() {
        for (first, expected) in [(FIRST, 36), (FIRST_SLOWLY, 34)] {
            let (mut asked, mut pause, mut waited) = (1, first, Duration::ZERO);
            while waited < Duration::from_secs(300) {
                waited += pause;
                pause = after(pause);
                asked += 1;
            }
            assert_eq!(asked, expected, "{first:?}");
        }
    }

    #[tokio::test]
    async fn who_gets_a_yes_asks_no_more_and_a_no_to_the_end_is_an_unobserved() {
        let patience = Patience::new(Duration::from_millis(250));
        let asked = std::cell::Cell::new(0);
        let ask = |seen: fn(i32) -> Seen<()>| {
            asked.set(asked.get() + 1);
            let number = asked.get();
            async move { Ok(seen(number)) }
        };
        let yes = |number| if number < 2 { Seen::No("not yet".to_owned()) } else { Seen::Yes(()) };
        assert!(patience.until(|| ask(yes)).await.is_ok());
        assert_eq!(asked.replace(0), 2);
        let never = patience.until(|| ask(|_| Seen::No("never".to_owned()))).await;
        assert!(matches!(never, Err(Trouble::Unobserved(why)) if why.starts_with("never, after waiting")));
        assert!((2..=3).contains(&asked.get()), "at 0, 200 and 250 ms, if the machine isn't slow");
    }
}
