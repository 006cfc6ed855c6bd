//! IAM answers in XML, which the SDK reads; here it becomes the JSON that `aws iam` prints.

use aws_sdk_iam::{
    operation::get_open_id_connect_provider::GetOpenIdConnectProviderOutput,
    types::{
        AttachedPermissionsBoundary, AttachedPolicy, GroupDetail, InstanceProfile, ManagedPolicyDetail,
        PolicyDetail, PolicyVersion, RoleDetail, RoleLastUsed, Tag, User, UserDetail,
    },
};
use aws_smithy_types::DateTime;
use serde_json::{Map, Value, json};

use crate::aws::form::iso;

/// One of `RoleDetailList`.
pub(super) fn role(role: &RoleDetail) -> Value {
    object([
        ("Path", text(role.path())),
        ("RoleName", text(role.role_name())),
        ("RoleId", text(role.role_id())),
        ("Arn", text(role.arn())),
        ("CreateDate", time(role.create_date())),
        ("AssumeRolePolicyDocument", document(role.assume_role_policy_document())),
        ("InstanceProfileList", list(role.instance_profile_list(), instance_profile)),
        ("RolePolicyList", list(role.role_policy_list(), inline_policy)),
        ("AttachedManagedPolicies", list(role.attached_managed_policies(), attached_policy)),
        ("PermissionsBoundary", role.permissions_boundary().map(boundary)),
        ("Tags", list(role.tags(), tag)),
        ("RoleLastUsed", role.role_last_used().map(last_used)),
    ])
}

/// One of `UserDetailList`.
pub(super) fn user(user: &UserDetail) -> Value {
    object([
        ("Path", text(user.path())),
        ("UserName", text(user.user_name())),
        ("UserId", text(user.user_id())),
        ("Arn", text(user.arn())),
        ("CreateDate", time(user.create_date())),
        ("UserPolicyList", list(user.user_policy_list(), inline_policy)),
        ("GroupList", Some(json!(user.group_list()))),
        ("AttachedManagedPolicies", list(user.attached_managed_policies(), attached_policy)),
        ("PermissionsBoundary", user.permissions_boundary().map(boundary)),
        ("Tags", list(user.tags(), tag)),
    ])
}

/// One of `GroupDetailList`.
pub(super) fn group(group: &GroupDetail) -> Value {
    object([
        ("Path", text(group.path())),
        ("GroupName", text(group.group_name())),
        ("GroupId", text(group.group_id())),
        ("Arn", text(group.arn())),
        ("CreateDate", time(group.create_date())),
        ("GroupPolicyList", list(group.group_policy_list(), inline_policy)),
        ("AttachedManagedPolicies", list(group.attached_managed_policies(), attached_policy)),
    ])
}

/// One of what `list-users` prints.
pub(super) fn listed_user(user: &User) -> Value {
    object([
        ("Path", text(Some(user.path()))),
        ("UserName", text(Some(user.user_name()))),
        ("UserId", text(Some(user.user_id()))),
        ("Arn", text(Some(user.arn()))),
        ("CreateDate", time(Some(user.create_date()))),
    ])
}

/// One of `Policies`.
pub(super) fn managed_policy(policy: &ManagedPolicyDetail) -> Value {
    object([
        ("PolicyName", text(policy.policy_name())),
        ("PolicyId", text(policy.policy_id())),
        ("Arn", text(policy.arn())),
        ("Path", text(policy.path())),
        ("DefaultVersionId", text(policy.default_version_id())),
        ("AttachmentCount", policy.attachment_count().map(Value::from)),
        ("PermissionsBoundaryUsageCount", policy.permissions_boundary_usage_count().map(Value::from)),
        ("IsAttachable", Some(policy.is_attachable().into())),
        ("Description", text(policy.description())),
        ("CreateDate", time(policy.create_date())),
        ("UpdateDate", time(policy.update_date())),
        ("PolicyVersionList", list(policy.policy_version_list(), policy_version)),
    ])
}

/// What `get-open-id-connect-provider` prints.
pub(super) fn oidc_provider(provider: &GetOpenIdConnectProviderOutput) -> Value {
    object([
        ("Url", text(provider.url())),
        ("ClientIDList", Some(json!(provider.client_id_list()))),
        ("ThumbprintList", Some(json!(provider.thumbprint_list()))),
        ("CreateDate", time(provider.create_date())),
        ("Tags", list(provider.tags(), tag)),
    ])
}

fn instance_profile(profile: &InstanceProfile) -> Value {
    object([
        ("Path", text(Some(profile.path()))),
        ("InstanceProfileName", text(Some(profile.instance_profile_name()))),
        ("InstanceProfileId", text(Some(profile.instance_profile_id()))),
        ("Arn", text(Some(profile.arn()))),
        ("CreateDate", time(Some(profile.create_date()))),
        ("Tags", list(profile.tags(), tag).filter(|_| !profile.tags().is_empty())),
    ])
}

fn inline_policy(policy: &PolicyDetail) -> Value {
    object([
        ("PolicyName", text(policy.policy_name())),
        ("PolicyDocument", document(policy.policy_document())),
    ])
}

fn attached_policy(policy: &AttachedPolicy) -> Value {
    object([("PolicyName", text(policy.policy_name())), ("PolicyArn", text(policy.policy_arn()))])
}

fn policy_version(version: &PolicyVersion) -> Value {
    object([
        ("Document", document(version.document())),
        ("VersionId", text(version.version_id())),
        ("IsDefaultVersion", Some(version.is_default_version().into())),
        ("CreateDate", time(version.create_date())),
    ])
}

fn boundary(boundary: &AttachedPermissionsBoundary) -> Value {
    object([
        ("PermissionsBoundaryType", boundary.permissions_boundary_type().map(|kind| kind.as_str().into())),
        ("PermissionsBoundaryArn", text(boundary.permissions_boundary_arn())),
    ])
}

fn last_used(used: &RoleLastUsed) -> Value {
    object([("LastUsedDate", time(used.last_used_date())), ("Region", text(used.region()))])
}

fn tag(tag: &Tag) -> Value {
    object([("Key", text(Some(tag.key()))), ("Value", text(Some(tag.value())))])
}

/// The AWS CLI leaves out what isn't there.
fn object<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    let there = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(there.collect::<Map<_, _>>())
}

fn text(value: Option<&str>) -> Option<Value> {
    value.map(Value::from)
}

fn time(value: Option<&DateTime>) -> Option<Value> {
    value.map(|time| iso(time).into())
}

fn list<T>(items: &[T], print: impl Fn(&T) -> Value) -> Option<Value> {
    Some(items.iter().map(print).collect::<Vec<_>>().into())
}

/// The API sends policies with percent signs, and the AWS CLI prints what they hold (IAM API, `PolicyDetail`).
fn document(sent: Option<&str>) -> Option<Value> {
    let decoded = percent_encoding::percent_decode_str(sent?).decode_utf8().ok();
    let parsed = decoded.and_then(|text| serde_json::from_str(&text).ok());
    Some(parsed.unwrap_or_else(|| sent.unwrap_or_default().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_written_as_the_aws_cli_prints_it() {
        let detail = RoleDetail::builder()
            .path("/")
            .role_name("argocd")
            .arn("arn:aws:iam::111122223333:role/argocd")
            .create_date(DateTime::from_secs(0))
            .assume_role_policy_document("%7B%22Statement%22%3A%5B%5D%7D")
            .attached_managed_policies(
                AttachedPolicy::builder().policy_name("View").policy_arn("arn").build(),
            )
            .tags(Tag::builder().key("team").value("a=b").build().unwrap())
            .build();
        let expected = json!({
            "Path": "/", "RoleName": "argocd", "Arn": "arn:aws:iam::111122223333:role/argocd",
            "CreateDate": "1970-01-01T00:00:00+00:00", "AssumeRolePolicyDocument": {"Statement": []},
            "InstanceProfileList": [], "RolePolicyList": [],
            "AttachedManagedPolicies": [{"PolicyName": "View", "PolicyArn": "arn"}],
            "Tags": [{"Key": "team", "Value": "a=b"}],
        });
        assert_eq!(role(&detail), expected);
    }

    #[test]
    fn users_and_groups_are_written_as_the_aws_cli_prints_them() {
        let detail = UserDetail::builder()
            .user_name("ann")
            .arn("arn:aws:iam::111122223333:user/ann")
            .group_list("ops")
            .permissions_boundary(
                AttachedPermissionsBoundary::builder().permissions_boundary_arn("arn").build(),
            )
            .build();
        let expected = json!({
            "UserName": "ann", "Arn": "arn:aws:iam::111122223333:user/ann", "UserPolicyList": [], "GroupList": ["ops"],
            "AttachedManagedPolicies": [], "PermissionsBoundary": {"PermissionsBoundaryArn": "arn"}, "Tags": [],
        });
        assert_eq!(user(&detail), expected);
        let policy = PolicyDetail::builder().policy_name("p").policy_document("%7B%7D").build();
        let detail = GroupDetail::builder().group_name("ops").group_policy_list(policy).build();
        let expected = json!({
            "GroupName": "ops", "GroupPolicyList": [{"PolicyName": "p", "PolicyDocument": {}}], "AttachedManagedPolicies": [],
        });
        assert_eq!(group(&detail), expected);
    }

    #[test]
    fn a_document_that_is_no_json_stays_as_it_was_sent() {
        assert_eq!(document(Some("%7Boops")), Some("%7Boops".into()));
    }
}
