//! One run of Casbin for one name, by the fixed model: some line allows and none denies (util/assets/model.conf).

use facts::Gap;

use super::{
    Ask, By, Found, Whom,
    pattern::Match,
    policy::{Effect, Policy, Rule},
    roles::Reach,
};

/// Goes through the rules of all these policies that are about the name or one of its roles.
pub(crate) fn enforce(policies: &[&Policy], whom: &Whom, ask: &Ask) -> Found {
    let reach = Reach::of(whom.name(), policies);
    let mut run = Run::default();
    for rule in policies.iter().flat_map(|policy| &policy.rules).filter(|rule| reach.has(&rule.subject)) {
        run.add(rule, rule.matches(ask));
    }
    let by =
        |rule: &Rule| By { line: rule.line.clone(), whom: whom.clone(), through: reach.way(&rule.subject) };
    run.found(by)
}

/// What has been met so far, the first of each.
#[derive(Default)]
struct Run<'a> {
    denied: Option<&'a Rule>,
    broken: Option<&'a Rule>,
    allowed: Option<&'a Rule>,
    unknown: Vec<&'a Rule>,
}

impl<'a> Run<'a> {
    fn add(&mut self, rule: &'a Rule, matches: Match) {
        let first = match (matches, rule.effect) {
            (Match::No, _) | (Match::Yes, Effect::Neither) => return,
            (Match::Unknown, _) => return self.unknown.push(rule),
            (Match::Broken, _) => &mut self.broken,
            (Match::Yes, Effect::Deny) => &mut self.denied,
            (Match::Yes, Effect::Allow) => &mut self.allowed,
        };
        first.get_or_insert(rule);
    }

    /// A deny ends the run as a broken pattern does, so of both, either says no.
    fn found(self, by: impl Fn(&Rule) -> By) -> Found {
        let may_allow =
            self.allowed.is_some() || self.unknown.iter().any(|rule| rule.effect == Effect::Allow);
        match (self.denied, self.broken, self.allowed) {
            (Some(rule), _, _) => Found::Denied { by: by(rule) },
            (None, Some(rule), _) => Found::Broken { by: by(rule) },
            _ if may_allow && !self.unknown.is_empty() => {
                Found::Unknown { missing: self.unknown.into_iter().map(gap).collect() }
            }
            (None, None, Some(rule)) => Found::Allowed { by: by(rule) },
            (None, None, None) => Found::Nothing,
        }
    }
}

fn gap(rule: &Rule) -> Gap {
    let what = format!("whether `{}` matches ({})", rule.line.text, rule.line.source);
    Gap::new(what, "Go reads this regular expression in a way that is not modelled")
        .filled_by("write the pattern without Unicode classes, `\\B` and large repetitions")
}
