//! IAM's and EKS's objects.

use std::collections::BTreeMap;

use serde_json::json;

use super::{
    depends_on,
    hcl::{Body, Expr},
    names::Names,
};
use crate::{AccessEntry, DesiredObject, IamRole, Object, OidcProvider, PodIdentityAssociation};

/// Writes an IAM object; gives back the output that a role adds, name and ARN.
pub(super) fn iam(body: Body, object: &DesiredObject, names: &mut Names) -> (Body, Option<(String, Expr)>) {
    match &object.object {
        Object::IamRole(wanted) => {
            let label = names.object(object, "aws_iam_role", &wanted.arn.name);
            let output = (wanted.arn.name.clone(), Expr::raw(format!("aws_iam_role.{label}.arn")));
            (role(body, object, wanted, &label, names), Some(output))
        }
        Object::OidcProvider(wanted) => (oidc_provider(body, object, wanted, names), None),
        _ => (body, None),
    }
}

/// Writes an access entry or a Pod Identity association.
pub(super) fn eks(body: Body, object: &DesiredObject, names: &mut Names) -> Body {
    match &object.object {
        Object::AccessEntry(wanted) => access_entry(body, object, wanted, names),
        Object::PodIdentityAssociation(wanted) => association(body, object, wanted, names),
        _ => body,
    }
}

fn role(body: Body, object: &DesiredObject, role: &IamRole, label: &str, names: &mut Names) -> Body {
    let inside = Body::default()
        .set("name", role.arn.name.as_str())
        .set("path", role.arn.path.as_str())
        .set("description", role.description.as_str())
        .set("permissions_boundary", Expr::raw("var.permissions_boundary"))
        .blank()
        .set("assume_role_policy", jsonencode(&role.trust))
        .blank()
        .set("tags", tags(&role.tags));
    let inside = depends_on(inside, names.needed_by(object));
    let mut body = body.comment(&object.reason).resource("aws_iam_role", label, inside);
    for (name, document) in &role.inline_policies {
        let own = names.label("aws_iam_role_policy", &format!("{}_{name}", role.arn.name));
        let inside = Body::default()
            .set("name", name.as_str())
            .set("role", Expr::raw(format!("aws_iam_role.{label}.name")))
            .blank()
            .set("policy", jsonencode(document));
        body = body.resource("aws_iam_role_policy", &own, inside);
    }
    for (name, document) in &role.managed_policies {
        body = managed_policy(body, role, label, name, document, names);
    }
    body
}

fn managed_policy(
    body: Body,
    role: &IamRole,
    label: &str,
    name: &str,
    document: &iam::Document,
    names: &mut Names,
) -> Body {
    let own = names.label("aws_iam_policy", &format!("{}_{name}", role.arn.name));
    let policy = Body::default()
        .set("name", name)
        .set("path", role.arn.path.as_str())
        .blank()
        .set("policy", jsonencode(document))
        .blank()
        .set("tags", tags(&role.tags));
    let attachment = Body::default()
        .set("role", Expr::raw(format!("aws_iam_role.{label}.name")))
        .set("policy_arn", Expr::raw(format!("aws_iam_policy.{own}.arn")));
    body.resource("aws_iam_policy", &own, policy).resource("aws_iam_role_policy_attachment", &own, attachment)
}

fn oidc_provider(body: Body, object: &DesiredObject, provider: &OidcProvider, names: &mut Names) -> Body {
    let kind = "aws_iam_openid_connect_provider";
    let label = names.object(object, kind, provider.url.trim_start_matches("https://"));
    let inside = Body::default()
        .set("url", provider.url.as_str())
        .set("client_id_list", json!(provider.client_ids))
        .blank()
        .set("tags", tags(&provider.tags));
    // Everything in the cluster that uses IRSA comes to share it.
    let keep = Body::default().set("prevent_destroy", json!(true));
    let inside = depends_on(inside, names.needed_by(object)).blank().block("lifecycle", keep);
    body.comment(&object.reason).resource(kind, &label, inside)
}

fn access_entry(body: Body, object: &DesiredObject, entry: &AccessEntry, names: &mut Names) -> Body {
    let label = names.object(object, "aws_eks_access_entry", &entry.principal.name);
    let inside = Body::default()
        .set("cluster_name", entry.cluster.name.as_str())
        .set("principal_arn", entry.principal.to_string().as_str())
        .set("kubernetes_groups", json!(entry.groups))
        .set("type", "STANDARD")
        .blank()
        .set("tags", tags(&entry.tags));
    body.comment(&object.reason).resource(
        "aws_eks_access_entry",
        &label,
        depends_on(inside, names.needed_by(object)),
    )
}

fn association(
    body: Body,
    object: &DesiredObject,
    wanted: &PodIdentityAssociation,
    names: &mut Names,
) -> Body {
    let kind = "aws_eks_pod_identity_association";
    let label = names.object(object, kind, &format!("{}_{}", wanted.namespace, wanted.service_account));
    let inside = Body::default()
        .set("cluster_name", wanted.cluster.name.as_str())
        .set("namespace", wanted.namespace.as_str())
        .set("service_account", wanted.service_account.as_str())
        .set("role_arn", wanted.role.to_string().as_str())
        .blank()
        .set("tags", tags(&wanted.tags));
    body.comment(&object.reason).resource(kind, &label, depends_on(inside, names.needed_by(object)))
}

fn jsonencode(document: &iam::Document) -> Expr {
    Expr::Call("jsonencode", vec![Expr::Value(document.to_json())])
}

/// The caller's tags first: ownership marks win over them.
fn tags(tags: &BTreeMap<String, String>) -> Expr {
    Expr::Call("merge", vec![Expr::raw("var.tags"), Expr::Value(json!(tags))])
}
