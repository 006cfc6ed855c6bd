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
    /// What is tested.
    pub(crate) name: String,
    /// What several have in common.
    pub(crate) classname: String,
    /// How it ended.
    pub(crate) outcome: Outcome,
}

/// How a test ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// As it should.
    Passed,
    /// Not as it should.
    Failed {
        /// In one line.
        message: String,
        /// All that is to say.
        text: String,
    },
    /// That can't be told, which is no success.
    Undecided {
        /// In one line.
        message: String,
        /// What is missing.
        text: String,
    },
    /// It couldn't be looked at.
    Skipped {
        /// Why.
        message: String,
    },
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

fn case(Case { name, classname, outcome }: Case) -> TestCase {
    let ended = |kind, message: String, text: String| {
        let mut status = TestCaseStatus::non_success(kind);
        status.set_message(message).set_description(text);
        status
    };
    let status = match outcome {
        Outcome::Passed => TestCaseStatus::success(),
        Outcome::Failed { message, text } => ended(NonSuccessKind::Failure, message, text),
        Outcome::Undecided { message, text } => ended(NonSuccessKind::Error, message, text),
        Outcome::Skipped { message } => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(message);
            status
        }
    };
    let mut case = TestCase::new(name, status);
    case.set_classname(classname);
    case
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_has_for_itself_is_escaped_and_cases_are_counted() {
        let failed = Outcome::Failed { message: "a \"<b>\"".to_owned(), text: "one\ntwo\u{1b}".to_owned() };
        let case = |outcome| Case { name: "x".to_owned(), classname: "y".to_owned(), outcome };
        let undecided = Outcome::Undecided { message: "gap".to_owned(), text: String::new() };
        let skipped = Outcome::Skipped { message: "gap".to_owned() };
        let cases = vec![case(failed), case(Outcome::Passed), case(undecided), case(skipped)];
        let xml = xml("run", vec![Suite { name: "s&t".to_owned(), cases }]).unwrap();
        let suite = "<testsuite name=\"s&amp;t\" tests=\"4\" skipped=\"1\" errors=\"1\" failures=\"1\">";
        assert!(xml.contains(suite), "{xml}");
        assert!(xml.contains("<failure message=\"a &quot;&lt;b&gt;&quot;\">one\ntwo</failure>"), "{xml}");
    }
}
