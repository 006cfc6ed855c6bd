//! Exit status: one table, documented in `docs/exit-status.md`.

use std::process::ExitCode;

/// How a run ended. Where several apply, the one that stands first here wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    /// Wrong usage of the command line.
    Usage,
    /// The run failed: bad input, or an output that can't be written.
    Failed,
    /// Denied, violated, a limit broken, or findings at or above `--fail-on`.
    Violated,
    /// Not enough is known to decide; the plan is incomplete.
    Undecided,
    /// Changes, and `--detailed-exitcode` was given.
    Changed,
    /// Fine.
    Fine,
}

impl Status {
    /// All of them with the number and meaning that the documentation states.
    pub(crate) const TABLE: [(Self, u8, &'static str); 6] = [
        (Self::Fine, 0, "fine"),
        (Self::Failed, 1, "the run failed"),
        (Self::Changed, 2, "changes, with `--detailed-exitcode` only"),
        (Self::Violated, 4, "denied, violated, a limit broken, or findings at or above `--fail-on`"),
        (Self::Undecided, 5, "cannot decide: something is unknown, or the plan is incomplete"),
        (Self::Usage, 64, "wrong usage"),
    ];

    /// The number that the process ends with.
    pub(crate) fn code(self) -> u8 {
        Self::TABLE.iter().find(|(status, ..)| *status == self).map_or(1, |(_, code, _)| *code)
    }

    /// The one of two that matters more.
    #[must_use]
    pub(crate) fn and(self, other: Self) -> Self {
        self.min(other)
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_precedence_is_64_1_4_5_2() {
        let mut all: Vec<_> = Status::TABLE.iter().map(|(status, ..)| *status).collect();
        all.sort();
        let codes: Vec<_> = all.into_iter().map(Status::code).collect();
        assert_eq!(codes, [64, 1, 4, 5, 2, 0]);
    }

    #[test]
    fn changes_turn_only_fine_into_two() {
        assert_eq!(Status::Fine.and(Status::Changed).code(), 2);
        assert_eq!(Status::Undecided.and(Status::Changed).code(), 5);
        assert_eq!(Status::Undecided.and(Status::Violated).code(), 4);
    }

    #[test]
    fn the_documentation_has_the_same_table() {
        let page = include_str!("../../../docs/exit-status.md");
        for (_, code, meaning) in Status::TABLE {
            let row = format!("| {code} | {meaning}");
            assert!(page.contains(&row), "docs/exit-status.md lacks `{row}`");
        }
    }
}
