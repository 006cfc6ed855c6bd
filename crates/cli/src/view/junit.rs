//! Results as JUnit's XML, which pipelines show as tests.

use std::io;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

/// Tests that belong together.
#[derive(Debug)]
pub(crate) struct Suite {
    /// What they are about.
    pub(crate) name: String,
    /// The tests.
    pub(crate) cases: Vec<Case>,
}

/// One test.
#[derive(Debug)]
pub(crate) struct Case {
    /// What several have in common.
    pub(crate) class: String,
    /// What is tested.
    pub(crate) name: String,
    /// How it ended.
    pub(crate) outcome: Outcome,
}

/// How a test ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// As it should.
    Passed,
    /// Not as it should: a summary, and all that is to say.
    Failed(String, String),
    /// That can't be told, which is no success: a summary, and what is missing.
    Undecided(String, String),
}

/// The XML of a run.
///
/// # Errors
/// Where it can't be written, which a string can.
pub(crate) fn xml(name: &str, suites: Vec<Suite>) -> io::Result<String> {
    let mut report = Report::new(name);
    report.add_test_suites(suites.into_iter().map(suite));
    report.to_string().map_err(io::Error::other)
}

fn suite(Suite { name, cases }: Suite) -> TestSuite {
    let mut suite = TestSuite::new(name);
    suite.add_test_cases(cases.into_iter().map(case));
    suite
}

fn case(Case { class, name, outcome }: Case) -> TestCase {
    let ended = |kind, message: String, text: String| {
        let mut status = TestCaseStatus::non_success(kind);
        status.set_message(message).set_description(text);
        status
    };
    let status = match outcome {
        Outcome::Passed => TestCaseStatus::success(),
        Outcome::Failed(message, text) => ended(NonSuccessKind::Failure, message, text),
        Outcome::Undecided(message, text) => ended(NonSuccessKind::Error, message, text),
    };
    let mut case = TestCase::new(name, status);
    case.set_classname(class);
    case
}
