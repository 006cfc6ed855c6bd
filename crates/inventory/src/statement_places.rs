//! Where roles, users, groups, policy documents and their statements stand in what `aws iam get-account-authorization-details` prints.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use facts::Place;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::read::File;

/// Where a role, user or group and the statements of its own documents stand, as far as that was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RolePlaces {
    /// The role itself.
    pub role: Option<Place>,
    /// The statements of its trust policy, which roles alone have.
    pub trust: Vec<Place>,
    /// The statements of its inline policies, by name.
    pub inline: BTreeMap<String, Vec<Place>>,
}

/// The places of an account's files.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// By ARN of a role, user or group.
    pub(crate) roles: BTreeMap<String, RolePlaces>,
    /// Statements of managed policies' default versions, by policy ARN.
    pub(crate) policies: BTreeMap<String, Vec<Place>>,
}

impl Places {
    /// Adds what stands in a file. What has another shape has no place: whoever reads the file says what is wrong.
    pub(crate) fn add(&mut self, file: &File) {
        let Ok(text) = std::str::from_utf8(&file.bytes) else { return };
        let lines = Lines::of(file, text);
        let values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
        for value in values.map_while(Result::ok) {
            match serde_json::from_str::<Vec<&RawValue>>(value.get()) {
                Ok(pages) => pages.into_iter().for_each(|page| self.add_page(page, &lines)),
                Err(_) => self.add_page(value, &lines),
            }
        }
    }

    fn add_page(&mut self, page: &RawValue, lines: &Lines<'_>) {
        let Ok(page) = serde_json::from_str::<Page<'_>>(page.get()) else { return };
        let users_and_groups = page.user_detail_list.into_iter().chain(page.group_detail_list);
        for raw in page.role_detail_list.into_iter().chain(users_and_groups) {
            let Ok(role) = serde_json::from_str::<Role<'_>>(raw.get()) else { continue };
            let inline = role.role_policy_list.iter();
            let places = RolePlaces {
                role: lines.place(raw),
                trust: role
                    .assume_role_policy_document
                    .map(|document| lines.statements(document))
                    .unwrap_or_default(),
                inline: inline
                    .map(|policy| (policy.policy_name.to_string(), lines.statements(policy.policy_document)))
                    .collect(),
            };
            self.roles.insert(role.arn.into_owned(), places);
        }
        for policy in page.policies {
            let mut versions = policy.policy_version_list.iter();
            if let Some(version) = versions.find(|version| version.is_default_version) {
                self.policies.insert(policy.arn.into_owned(), lines.statements(version.document));
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page<'t> {
    #[serde(borrow, default)]
    role_detail_list: Vec<&'t RawValue>,
    #[serde(borrow, default)]
    user_detail_list: Vec<&'t RawValue>,
    #[serde(borrow, default)]
    group_detail_list: Vec<&'t RawValue>,
    #[serde(borrow, default)]
    policies: Vec<Managed<'t>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Role<'t> {
    #[serde(borrow)]
    arn: Cow<'t, str>,
    #[serde(borrow)]
    assume_role_policy_document: Option<&'t RawValue>,
    #[serde(borrow, default, alias = "UserPolicyList", alias = "GroupPolicyList")]
    role_policy_list: Vec<Inline<'t>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Inline<'t> {
    #[serde(borrow)]
    policy_name: Cow<'t, str>,
    #[serde(borrow)]
    policy_document: &'t RawValue,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Managed<'t> {
    #[serde(borrow)]
    arn: Cow<'t, str>,
    #[serde(borrow, default)]
    policy_version_list: Vec<Version<'t>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Version<'t> {
    #[serde(borrow)]
    document: &'t RawValue,
    #[serde(default)]
    is_default_version: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document<'t> {
    #[serde(borrow)]
    statement: &'t RawValue,
}

/// A text whose lines are known.
struct Lines<'t> {
    file: &'t Arc<str>,
    text: &'t str,
    /// Where each line begins.
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    fn of(file: &'t File, text: &'t str) -> Self {
        let starts = [0].into_iter().chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1));
        Self { file: &file.name, text, starts: starts.collect() }
    }

    /// Where a part of the text begins.
    fn place(&self, part: &RawValue) -> Option<Place> {
        let offset = part.get().as_ptr().addr().checked_sub(self.text.as_ptr().addr())?;
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = *self.starts.get(line.checked_sub(1)?)?;
        let column = self.text.get(start..offset)?.chars().count() + 1;
        Some(Place::new(Arc::clone(self.file), u32::try_from(line).ok()?, u32::try_from(column).ok()?))
    }

    /// One place for each statement of a document; for all of them that of the document where it is encoded in a string.
    fn statements(&self, document: &'t RawValue) -> Vec<Place> {
        let Ok(Document { statement }) = serde_json::from_str::<Document<'t>>(document.get()) else {
            return self.place(document).into_iter().collect();
        };
        match serde_json::from_str::<Vec<&RawValue>>(statement.get()) {
            Ok(all) => all.into_iter().filter_map(|statement| self.place(statement)).collect(),
            Err(_) => self.place(statement).into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{
  "RoleDetailList": [
    {
      "Arn": "arn:aws:iam::111122223333:role/hub",
      "AssumeRolePolicyDocument": {"Statement": {"Effect": "Allow"}},
      "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": {"Statement": [
        {"Effect": "Allow"},
        {"Effect": "Deny"}
      ]}}]
    }
  ],
  "Policies": [{"Arn": "arn:aws:iam::111122223333:policy/p", "PolicyVersionList": [
    {"Document": "%7B%7D", "IsDefaultVersion": true}
  ]}]
}"#;

    fn places(text: &str) -> Places {
        let mut places = Places::default();
        let file = File { path: "f".into(), name: "f".into(), bytes: text.as_bytes().to_vec() };
        places.add(&file);
        places
    }

    fn shown(places: &[Place]) -> Vec<String> {
        places.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn each_statement_has_its_line_and_column() {
        let places = places(TEXT);
        let role = &places.roles["arn:aws:iam::111122223333:role/hub"];
        assert_eq!(role.role.as_ref().unwrap().to_string(), "f:3:5");
        assert_eq!(shown(&role.trust), ["f:5:49"]);
        assert_eq!(shown(&role.inline["own"]), ["f:7:9", "f:8:9"]);
        assert_eq!(shown(&places.policies["arn:aws:iam::111122223333:policy/p"]), ["f:13:18"]);
    }

    #[test]
    fn pages_in_a_list_or_a_row_are_read_and_what_is_no_json_has_no_place() {
        for text in [format!("[{TEXT}]"), format!("{TEXT}\n{TEXT}")] {
            assert_eq!(places(&text).roles.len(), 1);
        }
        assert!(places("{\"RoleDetailList\": [{]}").roles.is_empty());
    }
}
