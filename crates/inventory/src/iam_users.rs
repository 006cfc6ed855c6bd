//! IAM users and groups, as `aws iam get-account-authorization-details` prints them in `UserDetailList` and `GroupDetailList`.

use std::{collections::BTreeMap, sync::Arc};

use facts::{AccountId, Gap, Place, Problem, UserArn};
use serde_json::Value;

use crate::{
    Known, RolePlaces,
    iam::{Page, attached_policies, inline_policies, permissions_boundary, tag_list},
    read::{File, Files, Reading, elements, pages, text},
    statement_places::Places,
};

/// What `aws iam list-users` prints: it tells an account without users from one whose users `--filter` left out, of which the details
/// say the same.
pub(crate) const LIST: &str = "iam-list-users.json";

/// An IAM user.
#[derive(Clone, Debug, PartialEq)]
pub struct IamUser {
    /// Its ARN.
    pub arn: UserArn,
    /// When it was created, as AWS prints it.
    pub create_date: Option<String>,
    /// Inline policies by name, decoded.
    pub inline_policies: BTreeMap<String, Value>,
    /// Attached managed policies by ARN; the default version's document where the output has it.
    pub managed_policies: BTreeMap<String, Option<Value>>,
    /// The groups that it is in, by name.
    pub groups: Vec<String>,
    /// ARN of the permissions boundary, which limits what its groups give, too.
    pub permissions_boundary: Option<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// Where it was read.
    pub place: Place,
    /// Where the statements of its documents stand.
    pub places: RolePlaces,
}

/// An IAM group. It is no principal: its policies are those of its users.
#[derive(Clone, Debug, PartialEq)]
pub struct IamGroup {
    /// Its ARN, where the output has one.
    pub arn: Option<String>,
    /// Inline policies by name, decoded; not known where one can't be read.
    pub inline_policies: Known<BTreeMap<String, Value>>,
    /// Attached managed policies by ARN; the default version's document where the output has it.
    pub managed_policies: BTreeMap<String, Option<Value>>,
    /// Where the statements of its documents stand.
    pub places: RolePlaces,
}

fn gap(id: &AccountId, cause: &str) -> Gap {
    Gap::new(format!("the IAM users of account `{id}`"), cause)
}

/// Of an account whose details weren't read.
pub(crate) fn unread(id: &AccountId) -> Gap {
    gap(id, "not in the inventory").filled_by(format!(
        "aws iam get-account-authorization-details > accounts/{id}/iam-get-account-authorization-details.json"
    ))
}

pub(crate) fn users(
    id: &AccountId,
    details: &[Page<'_>],
    documents: &BTreeMap<String, Value>,
    places: &mut Places,
    (files, reading): (&Files<'_>, &mut Reading),
) -> Known<BTreeMap<String, IamUser>> {
    let mut users = BTreeMap::new();
    for (file, page) in details {
        for detail in elements(page, "UserDetailList") {
            match user(detail, documents, places, file) {
                Ok(user) => drop(users.insert(user.arn.name.clone(), user)),
                Err(problem) => {
                    reading.problems.push(problem);
                    return Known::Gap(gap(id, "a user can't be read"));
                }
            }
        }
    }
    if users.is_empty() && !has_none(files, reading) {
        let cause = "the details list none, as they do with `--filter` where there are some";
        return Known::Gap(gap(id, cause).filled_by(format!("aws iam list-users > accounts/{id}/{LIST}")));
    }
    Known::Known(users)
}

/// Whether somebody listed the users, and there are none.
fn has_none(files: &Files<'_>, reading: &mut Reading) -> bool {
    let pages = files.get(LIST).and_then(|file| pages(file, reading)).unwrap_or_default();
    let empty = |page: &Value| page.get("Users").and_then(Value::as_array).is_some_and(Vec::is_empty);
    !pages.is_empty() && pages.iter().all(empty)
}

fn user(
    detail: &Value,
    documents: &BTreeMap<String, Value>,
    places: &mut Places,
    file: &File,
) -> Result<IamUser, Problem> {
    let whole = Place::file(Arc::clone(&file.name));
    let arn = text(detail, "Arn").ok_or_else(|| Problem::new(whole.clone(), "a user has no `Arn`"))?;
    let places = places.roles.remove(&arn).unwrap_or_default();
    let place = places.role.clone().unwrap_or(whole);
    let wrong = |what: String| Problem::new(place.clone(), what);
    let inline_policies = inline_policies(detail, "UserPolicyList");
    let groups = elements(detail, "GroupList").filter_map(Value::as_str);
    Ok(IamUser {
        create_date: text(detail, "CreateDate"),
        inline_policies: inline_policies
            .ok_or_else(|| wrong(format!("an inline policy of `{arn}` can't be read")))?,
        managed_policies: attached_policies(detail, documents),
        groups: groups.map(str::to_owned).collect(),
        permissions_boundary: permissions_boundary(detail),
        tags: tag_list(detail),
        arn: arn.parse().map_err(|error: facts::ArnError| wrong(error.to_string()))?,
        place,
        places,
    })
}

pub(crate) fn groups(
    details: &[Page<'_>],
    documents: &BTreeMap<String, Value>,
    places: &mut Places,
) -> BTreeMap<String, IamGroup> {
    let details = details.iter().flat_map(|(_, page)| elements(page, "GroupDetailList"));
    let group = |detail: &Value| {
        let name = text(detail, "GroupName")?;
        let arn = text(detail, "Arn");
        let places = arn.as_ref().and_then(|arn| places.roles.remove(arn)).unwrap_or_default();
        let unread =
            || Gap::new(format!("the inline policies of the IAM group `{name}`"), "one can't be read");
        let inline_policies =
            inline_policies(detail, "GroupPolicyList").map_or_else(|| Known::Gap(unread()), Known::Known);
        let managed_policies = attached_policies(detail, documents);
        Some((name, IamGroup { arn, inline_policies, managed_policies, places }))
    };
    details.filter_map(group).collect()
}
