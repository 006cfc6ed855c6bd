//! User names and groups with placeholders (aws-iam-authenticator, pkg/server/server.go, `renderTemplate`).

use std::fmt;

use super::{Caller, Refusal};

/// What the authenticator puts in.
pub(super) const PLACEHOLDERS: [&str; 5] = [INSTANCE, "{{AccountID}}", SESSION, RAW_SESSION, ACCESS_KEY];

const INSTANCE: &str = "{{EC2PrivateDNSName}}";
const SESSION: &str = "{{SessionName}}";
const RAW_SESSION: &str = "{{SessionNameRaw}}";
const ACCESS_KEY: &str = "{{AccessKeyID}}";

/// Not the authenticator's: the caller's own ARN, by which `mapAccounts` calls it.
pub(super) const OWN_ARN: &str = "{{CanonicalARN}}";

/// The name of a user or a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    /// This one.
    Fixed(String),
    /// What remains of a template, with the placeholders that depend on the session.
    Varies(String),
}

impl Name {
    /// The name, if it is the same for every session.
    pub fn fixed(&self) -> Option<&str> {
        match self {
            Self::Fixed(name) => Some(name),
            Self::Varies(_) => None,
        }
    }

    /// Whether it is this name; `None` where a session's name decides.
    pub fn is(&self, name: &str) -> Option<bool> {
        match self {
            Self::Fixed(own) => Some(own == name),
            Self::Varies(template) => {
                if may_be(template, name) {
                    None
                } else {
                    Some(false)
                }
            }
        }
    }

    fn of(text: String) -> Self {
        if PLACEHOLDERS.iter().any(|placeholder| text.contains(placeholder)) {
            Self::Varies(text)
        } else {
            Self::Fixed(text)
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Fixed(text) | Self::Varies(text)) = self;
        f.write_str(text)
    }
}

/// A template filled with what is known of the caller.
pub(super) fn render(template: &str, caller: &Caller) -> Result<Name, Refusal> {
    let session = caller.session_name();
    let mut text = template.replace("{{AccountID}}", caller.principal.account.as_str());
    if let (true, Some(session)) = (template.contains(INSTANCE), session)
        && !is_instance(session)
    {
        let (template, session) = (template.to_owned(), session.to_owned());
        return Err(Refusal::NoInstance { template, session });
    }
    if let Some(session) = session {
        text = text.replace(SESSION, &session.replace('@', "-")).replace(RAW_SESSION, session);
    }
    if let Some(key) = &caller.access_key {
        text = text.replace(ACCESS_KEY, key);
    }
    Ok(Name::of(text))
}

/// `^i-(\w{8}|\w{17})$` (pkg/server/server.go, `instanceIDPattern`).
fn is_instance(session: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    session.strip_prefix("i-").is_some_and(|id| matches!(id.len(), 8 | 17) && id.bytes().all(word))
}

/// Whether some session could make this name of the template.
fn may_be(template: &str, name: &str) -> bool {
    let Some((at, placeholder)) = first_placeholder(template) else { return template == name };
    let Some((before, rest)) = template.split_at_checked(at) else { return true };
    let rest = rest.strip_prefix(placeholder).unwrap_or_default();
    let Some(name) = name.strip_prefix(before) else { return false };
    let legal = |c: char| is_of_session(c) || (placeholder == OWN_ARN && ":/".contains(c));
    let ends = name.char_indices().map(|(at, c)| (at + c.len_utf8(), c)).take_while(|(_, c)| legal(*c));
    ends.filter_map(|(end, _)| name.get(end..)).any(|name| may_be(rest, name))
}

fn first_placeholder(template: &str) -> Option<(usize, &'static str)> {
    let all = PLACEHOLDERS.iter().chain(&[OWN_ARN]);
    all.filter_map(|text| Some((template.find(text)?, *text))).min()
}

/// Letters of session names (STS API, AssumeRole: `[\w+=,.@-]*`); host names and access keys have no others.
fn is_of_session(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_+=,.@-".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_varies_is_none_that_no_session_makes() {
        let name = Name::Varies("arn:aws:sts::1:assumed-role/x/{{SessionName}}".to_owned());
        assert_eq!(name.is("arn:aws:sts::1:assumed-role/x/ann"), None);
        for other in [
            "arn:aws:sts::1:assumed-role/y/ann",
            "arn:aws:sts::1:assumed-role/x/",
            "a",
            "arn:aws:sts::1:assumed-role/x/a/b",
        ] {
            assert_eq!(name.is(other), Some(false), "{other}");
        }
        let twice = Name::Varies("{{AccessKeyID}}-{{SessionName}}-x".to_owned());
        assert_eq!((twice.is("a-b-x"), twice.is("ab-x")), (None, Some(false)));
    }

    #[test]
    fn a_fixed_name_is_itself_only() {
        let name = Name::Fixed("ann".to_owned());
        assert_eq!((name.is("ann"), name.is("Ann"), name.fixed()), (Some(true), Some(false), Some("ann")));
    }
}
