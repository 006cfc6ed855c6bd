//! One line of a policy, as Argo CD hands it to Casbin (util/rbac/rbac.go, `loadPolicyLine`).

use super::csv::{self, CsvError};

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// Blank, a comment, or a line for a part of the model that has no policy (`r`, `e`, `m`): Casbin keeps it, unused.
    Nothing,
    /// `p, subject, resource, action, object, effect`
    Rule { subject: String, resource: String, action: String, object: String, effect: String },
    /// `g, member, role`
    Grouping { member: String, role: String },
}

/// Why Argo CD refuses a line, and with it all lines.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LineError {
    /// It isn't CSV.
    #[error(transparent)]
    Csv(#[from] CsvError),
    /// A `p` line of another length.
    #[error("a `p` line has {found} fields instead of 6")]
    RuleLength { found: usize },
    /// A `g` line of another length.
    #[error("a `g` line has {found} fields instead of 3")]
    GroupingLength { found: usize },
    /// Another first field.
    #[error("a line starts with `{key}`")]
    Key { key: String },
}

impl LineError {
    /// What to write instead.
    pub(crate) fn help(&self) -> &'static str {
        match self {
            Self::Csv(_) => "put quotes around the whole field, and write a quote within them twice",
            Self::RuleLength { .. } => {
                "write `p, subject, resource, action, object, allow` (or `deny`), with quotes around a field that has a comma"
            }
            Self::GroupingLength { .. } => {
                "write `g, member, role`, with quotes around a field that has a comma"
            }
            Self::Key { .. } => "start it with `p`, `g` or `#`, in lower case",
        }
    }
}

/// Reads one line, whose ends are trimmed already.
pub(crate) fn read(line: &str) -> Result<Line, LineError> {
    if line.is_empty() || line.starts_with('#') {
        return Ok(Line::Nothing);
    }
    let fields = csv::fields(line)?;
    let found = fields.len();
    let (key, fields) = fields.split_first().map_or(("", &[][..]), |(key, rest)| (key.as_str(), rest));
    match (key, fields) {
        ("p", [subject, resource, action, object, effect]) => {
            let [subject, resource, action, object, effect] =
                [subject, resource, action, object, effect].map(Clone::clone);
            Ok(Line::Rule { subject, resource, action, object, effect })
        }
        ("p", _) => Err(LineError::RuleLength { found }),
        ("g", [member, role]) => Ok(Line::Grouping { member: member.clone(), role: role.clone() }),
        ("g", _) => Err(LineError::GroupingLength { found }),
        ("r" | "e" | "m", _) => Ok(Line::Nothing),
        _ => Err(LineError::Key { key: key.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_stand_on_lines_of_their_own() {
        assert_eq!(read("# p, a"), Ok(Line::Nothing));
        let Ok(Line::Grouping { role, .. }) = read("g, ann, role:admin # the boss") else { panic!() };
        assert_eq!(role, "role:admin # the boss");
    }

    #[test]
    fn a_line_of_another_length_is_refused() {
        assert_eq!(read("p, a, b, c, d"), Err(LineError::RuleLength { found: 5 }));
        assert_eq!(read("p, a, b, c, d, allow,"), Err(LineError::RuleLength { found: 7 }));
        assert_eq!(read("g, a"), Err(LineError::GroupingLength { found: 2 }));
    }

    #[test]
    fn the_first_field_is_that_of_the_model_in_lower_case() {
        for key in ["P", "g2", "policy", "", "é"] {
            assert_eq!(read(&format!("{key}, a, b")), Err(LineError::Key { key: key.into() }));
        }
        assert_eq!(read("e, whatever"), Ok(Line::Nothing));
    }
}
