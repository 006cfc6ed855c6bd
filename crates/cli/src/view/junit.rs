//! JUnit's XML, as CI systems read it: suites of cases that passed, failed or were skipped.

use std::fmt::Write as _;

/// Cases that belong together.
pub(crate) struct Suite {
    /// Its name.
    pub(crate) name: String,
    /// Its cases.
    pub(crate) cases: Vec<Case>,
}

/// One case.
pub(crate) struct Case {
    /// What is looked at.
    pub(crate) name: String,
    /// What groups it with others, for example a file.
    pub(crate) classname: String,
    /// How it ended.
    pub(crate) outcome: Outcome,
}

/// How a case ended.
pub(crate) enum Outcome {
    /// As it should.
    Passed,
    /// Otherwise: one line, and all of it.
    Failed {
        /// For lists.
        message: String,
        /// For whoever opens it.
        text: String,
    },
    /// It couldn't be looked at, and why.
    Skipped {
        /// Why.
        message: String,
    },
}

/// The XML of some suites.
pub(crate) fn junit(suites: &[Suite]) -> String {
    let count = |is: fn(&Outcome) -> bool| {
        suites.iter().flat_map(|suite| &suite.cases).filter(|case| is(&case.outcome)).count()
    };
    let tests: usize = suites.iter().map(|suite| suite.cases.len()).sum();
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let totals = attributes(tests, count(is_failed), count(is_skipped));
    let _ = writeln!(xml, "<testsuites name=\"oarlock\"{totals}>");
    for suite in suites {
        let of = |is: fn(&Outcome) -> bool| suite.cases.iter().filter(|case| is(&case.outcome)).count();
        let totals = attributes(suite.cases.len(), of(is_failed), of(is_skipped));
        let _ = writeln!(xml, "  <testsuite name=\"{}\"{totals}>", escaped(&suite.name));
        suite.cases.iter().for_each(|each| case(&mut xml, each));
        xml.push_str("  </testsuite>\n");
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn attributes(tests: usize, failures: usize, skipped: usize) -> String {
    format!(" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\"")
}

fn case(xml: &mut String, case: &Case) {
    let (name, classname) = (escaped(&case.name), escaped(&case.classname));
    let _ = write!(xml, "    <testcase name=\"{name}\" classname=\"{classname}\"");
    match &case.outcome {
        Outcome::Passed => xml.push_str("/>\n"),
        Outcome::Failed { message, text } => {
            let (message, text) = (escaped(message), escaped(text));
            let _ =
                writeln!(xml, ">\n      <failure message=\"{message}\">{text}</failure>\n    </testcase>");
        }
        Outcome::Skipped { message } => {
            let _ = writeln!(xml, ">\n      <skipped message=\"{}\"/>\n    </testcase>", escaped(message));
        }
    }
}

fn is_failed(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Failed { .. })
}

fn is_skipped(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Skipped { .. })
}

/// Text that may stand in an element or an attribute (XML 1.0, section 2.4). Characters that XML doesn't have are replaced.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push(c),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_has_for_itself_is_escaped_and_cases_are_counted() {
        let failed = Outcome::Failed { message: "a \"<b>\"".to_owned(), text: "one\ntwo\u{1b}".to_owned() };
        let case = |outcome| Case { name: "x".to_owned(), classname: "y".to_owned(), outcome };
        let cases =
            vec![case(failed), case(Outcome::Passed), case(Outcome::Skipped { message: "gap".to_owned() })];
        let xml = junit(&[Suite { name: "s&t".to_owned(), cases }]);
        assert!(
            xml.contains(
                "<testsuite name=\"s&amp;t\" tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\">"
            ),
            "{xml}"
        );
        assert!(
            xml.contains("<failure message=\"a &quot;&lt;b&gt;&quot;\">one&#10;two\u{fffd}</failure>"),
            "{xml}"
        );
    }
}
