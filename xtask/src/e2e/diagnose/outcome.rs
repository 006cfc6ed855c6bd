//! What came of the ways, for people: `tests/e2e/diagnose.out`.

use std::fmt::Write as _;

/// What came of one.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) name: &'static str,
    /// The error, as the software printed it.
    pub(super) text: String,
    pub(super) signature: String,
    pub(super) hop: String,
    pub(super) cause: String,
    /// What was found besides in the same input.
    pub(super) others: Vec<String>,
    pub(super) fix: Vec<String>,
}

/// All of them.
pub(super) fn report(outcomes: &[Outcome]) -> String {
    let mut text = String::from(
        "One thing broken at a time, the error that came of it, and what `oarlock diagnose` said: `cargo xtask e2e diagnose --all`.\n\
         What it printed or told was done each time, and the same operation succeeded.\n",
    );
    for outcome in outcomes {
        let _ = writeln!(text, "\n## {}\n", outcome.name);
        let mut row = |name: &str, value: &str| {
            let value = steady(value.trim()).replace('\n', "\n            ");
            let _ = writeln!(text, "{name:<11} {value}");
        };
        row("error", &outcome.text);
        row("signature", &outcome.signature);
        row("hop", &outcome.hop);
        row("cause", &outcome.cause);
        outcome.others.iter().for_each(|other| row("besides", other));
        outcome.fix.iter().for_each(|fix| row("fix", fix));
        row("repaired", "yes");
    }
    text
}

/// Without what differs from one run to the next: ports, times, ids of requests and sessions.
fn steady(text: &str) -> String {
    let is_of_word = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let mut steady = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(is_of_word) {
        let (before, own) = rest.split_at(start);
        let (word, after) = own.split_at(own.find(|c| !is_of_word(c)).unwrap_or(own.len()));
        steady.push_str(before);
        if word.len() == UUID && word.matches('-').count() == 4 {
            steady.push('…');
        } else {
            let parts: Vec<&str> =
                word.split('-').map(|part| if is_fleeting(part, before) { "…" } else { part }).collect();
            steady.push_str(&parts.join("-"));
        }
        rest = after;
    }
    steady + rest
}

/// The length of one in text.
const UUID: usize = 36;

/// Session names and ids have many digits, and an account's number exactly twelve; ports, minutes and seconds stand behind a colon.
fn is_fleeting(part: &str, before: &str) -> bool {
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    let is_number = digits == part.len();
    let is_port_or_time = is_number && [2, 5].contains(&part.len()) && before.ends_with(':');
    let is_id = digits > 12 || digits > 3 && !is_number && part.len() > 15;
    let is_hour = digits == 4 && !is_number && part.contains('T') && part.len() == 5;
    is_port_or_time || is_id || is_hour
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_and_sessions_are_left_out_and_accounts_stay() {
        let text = "https://127.0.0.1:41873/version arn:aws:sts::222233334444:assumed-role/argocd/aws-go-sdk-1763370000000000000, RequestID: \
                    5f0192f2-f3e4-4514-8a0d-cfd9f471139a";
        let expected = "https://127.0.0.1:…/version arn:aws:sts::222233334444:assumed-role/argocd/aws-go-sdk-…, RequestID: …";
        assert_eq!(steady(text), expected);
        assert_eq!(steady("2026-11-27T06:13:38+00"), "2026-11-…:…:…+00");
    }
}
