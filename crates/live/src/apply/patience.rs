//! Waiting by asking: the same question again and again, more and more slowly, until the answer is yes or the time is up.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use tokio::time::{Instant, sleep};

use crate::cause::Cause;

/// Between the first two questions, and between the last ones.
const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(10);

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
    pub(crate) async fn until<T, F>(&self, mut ask: impl FnMut() -> F) -> Result<T, Trouble>
    where
        F: Future<Output = Result<Seen<T>, Trouble>>,
    {
        let end = Instant::now() + self.wait;
        let mut pause = FIRST;
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
            pause = (pause * 2).min(LONGEST);
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
