//! A policy that Argo CD loaded: its rules and groupings, each with where it stands.

use std::collections::BTreeMap;

use super::{
    Ask, MatchMode, PolicyLine, Source,
    line::{self, Line, LineError},
    pattern::{Match, Pattern},
};

/// The lines of one or several texts, in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Policy {
    pub(crate) rules: Vec<Rule>,
    /// By member.
    pub(crate) groupings: BTreeMap<String, Vec<Grouping>>,
}

/// A `p` line.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) subject: String,
    resource: Pattern,
    action: Pattern,
    object: Pattern,
    pub(crate) effect: Effect,
    pub(crate) line: PolicyLine,
}

/// What a rule does where it matches; any word but `allow` and `deny` does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Allow,
    Deny,
    Neither,
}

/// A `g` line, under its member.
#[derive(Clone, Debug)]
pub(crate) struct Grouping {
    pub(crate) role: String,
    pub(crate) line: PolicyLine,
}

impl Policy {
    /// Adds a text, each line of which stands where `source` says for its 1-based number.
    ///
    /// The errors are those of lines that Argo CD refuses; the others are read all the same.
    pub(crate) fn add(
        &mut self,
        text: &str,
        mode: MatchMode,
        source: impl Fn(u32) -> Source,
    ) -> Vec<(u32, LineError)> {
        let mut errors = Vec::new();
        for (number, text) in (1..).zip(text.split('\n')) {
            let text = text.trim();
            match line::read(text) {
                Ok(line) => {
                    self.push(line, mode, PolicyLine { source: source(number), text: text.to_owned() })
                }
                Err(error) => errors.push((number, error)),
            }
        }
        errors
    }

    fn push(&mut self, read: Line, mode: MatchMode, line: PolicyLine) {
        match read {
            Line::Nothing => {}
            Line::Grouping { member, role } => {
                self.groupings.entry(member).or_default().push(Grouping { role, line });
            }
            Line::Rule { subject, resource, action, object, effect } => self.rules.push(Rule {
                subject,
                resource: Pattern::new(&resource, mode),
                action: Pattern::new(&action, mode),
                object: Pattern::new(&object, mode),
                effect: Effect::of(&effect),
                line,
            }),
        }
    }
}

impl Effect {
    /// As Casbin compares it, with its case (enforcer.go).
    fn of(text: &str) -> Self {
        match text {
            "allow" => Self::Allow,
            "deny" => Self::Deny,
            _ => Self::Neither,
        }
    }
}

impl Rule {
    /// Whether it is about this; the first field that isn't ends the comparison, as in the model's matcher.
    pub(crate) fn matches(&self, ask: &Ask) -> Match {
        let fields =
            [(&self.resource, &ask.resource), (&self.action, &ask.action), (&self.object, &ask.object)];
        let mut so_far = Match::Yes;
        for (pattern, text) in fields {
            so_far = match pattern.matches(text) {
                Match::No => return Match::No,
                Match::Yes => so_far,
                // Whether the run gets as far as the broken pattern isn't known.
                Match::Broken if so_far == Match::Unknown => return Match::Unknown,
                Match::Broken => return Match::Broken,
                Match::Unknown => Match::Unknown,
            };
        }
        so_far
    }
}
