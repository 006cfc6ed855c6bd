//! Policy variables put in their places (IAM User Guide, "IAM policy elements: Variables and tags").

use super::{
    edit::{Becomes, NOTHING, NOWHERE},
    question::Question,
};

/// A variable as it stands in a text: `${key}`, or `${key, 'default'}`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Variable<'t> {
    pub(super) key: &'t str,
    pub(super) default: Option<&'t str>,
}

/// What is left of a text when its variables have their values.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Filled {
    Text(String),
    /// One has no value: it neither matches nor doesn't.
    Unresolved,
}

/// Puts those variables in their places of which `which` says so, by what stands before them in the text.
pub(super) fn fill(question: &mut Question, which: impl Fn(&Question, &str, Variable<'_>) -> bool) {
    let context = question.clone();
    question.each_resource(|resources, is_not, has_variables| {
        if !has_variables {
            return Becomes::Itself;
        }
        all(resources, is_not, NOWHERE, |text| filled(&context, text, true, &which))
    });
    question.each_condition(|condition| {
        if !condition.takes_variables() || context.value(&condition.key).is_none() {
            return Becomes::Itself;
        }
        let (is_negated, wildcards) = (condition.is_negated(), condition.has_wildcards());
        all(&mut condition.values, is_negated, NOTHING, |text| filled(&context, text, wildcards, &which))
    });
}

/// One that has no value can't match; where nothing may match, the whole list is not met.
fn all(texts: &mut [String], is_negated: bool, nothing: &str, fill: impl Fn(&str) -> Filled) -> Becomes {
    let mut becomes = Becomes::Itself;
    for text in texts {
        match fill(text) {
            Filled::Text(filled) => *text = filled,
            Filled::Unresolved if is_negated => becomes = Becomes::Unmet,
            Filled::Unresolved => *text = nothing.to_owned(),
        }
    }
    becomes
}

fn filled(
    question: &Question,
    text: &str,
    wildcards: bool,
    which: &impl Fn(&Question, &str, Variable<'_>) -> bool,
) -> Filled {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, (inner, after))) =
        rest.split_once("${").and_then(|(before, from)| Some((before, from.split_once('}')?)))
    {
        filled.push_str(before);
        let variable = Variable::of(inner);
        if ["*", "?", "$"].contains(&inner) || !which(question, &filled, variable) {
            filled.push_str(&format!("${{{inner}}}"));
        } else {
            match variable.value(question) {
                Some(value) => filled.push_str(&if wildcards { plain(value) } else { value.to_owned() }),
                None => return Filled::Unresolved,
            }
        }
        rest = after;
    }
    Filled::Text(filled + rest)
}

impl<'t> Variable<'t> {
    fn of(inner: &'t str) -> Self {
        let (key, default) = inner.split_once(',').unwrap_or((inner, ""));
        let default = default.trim().strip_prefix('\'').and_then(|default| default.strip_suffix('\''));
        Self { key: key.trim(), default }
    }

    /// The key's only value, or the default where there is no such key.
    pub(super) fn value(self, question: &'t Question) -> Option<&'t str> {
        match question.value(self.key) {
            Some(value) => value.as_str(),
            None => self.default,
        }
    }
}

/// A text in which no character is a wildcard.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if "*?$".contains(c) { format!("${{{c}}}") } else { c.to_string() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn asked(resource: &str) -> Question {
        let mut question = Question::default();
        question.context.insert("aws:PrincipalTag/team".to_owned(), json!("a*"));
        question.identity_policies = vec![json!({
            "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": resource }],
        })];
        question
    }

    fn filled_in(resource: &str) -> String {
        let mut question = asked(resource);
        fill(&mut question, |_, _, _| true);
        let resource = question.identity_policies[0].pointer("/Statement/0/Resource").unwrap();
        super::super::edit::texts(resource).concat()
    }

    #[test]
    fn a_value_is_put_in_with_its_wildcards_meant_literally() {
        assert_eq!(filled_in("arn:aws:s3:::${AWS:principaltag/team}/*"), "arn:aws:s3:::a${*}/*");
        assert_eq!(filled_in("arn:aws:s3:::${aws:username, 'x'}"), "arn:aws:s3:::x");
    }

    #[test]
    fn a_variable_without_a_value_leaves_nothing_that_could_match() {
        assert_eq!(filled_in("arn:aws:s3:::${aws:username}"), NOWHERE);
    }
}
