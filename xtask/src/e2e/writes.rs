//! What becomes of somebody's write of a role or a binding, by `crates/rbac`: authorization and the escalation check.

use anyhow::{Result, bail};
use facts::{Outcome, Verdict};
use rbac::{
    Binding, By, Identity, Policy, Request, Role, RoleRef,
    escalation::{may_write_binding, may_write_role},
};
use serde::Deserialize;
use serde_json::Value;

use super::ours;

const GROUP: &str = "rbac.authorization.k8s.io";

/// As the oracle tells them apart.
pub(super) const ALLOWED: &str = "allowed";
/// The escalation check refuses it.
pub(super) const ESCALATES: &str = "escalates";
/// The object, or the role that it binds, isn't there.
pub(super) const MISSING: &str = "missing";
/// Whoever writes may not write such objects at all.
pub(super) const UNAUTHORIZED: &str = "unauthorized";

/// Groups whose power comes from the harness' authorization webhook (tests/e2e/rbac-oracle/webhook.go): everything but handing
/// out roles, and that as well.
pub(super) const ELSEWHERE: &str = "oarlock:e2e:elsewhere";
pub(super) const EVERYTHING: &str = "oarlock:e2e:everything";

/// What the API server's authorizers say, RBAC first.
fn authorize(policy: &Policy, identity: &Identity, request: &Request) -> Outcome<By> {
    let of = |group: &str| identity.groups.contains(group);
    match rbac::authorize(policy, identity, request) {
        Outcome::NotAllowed
            if of(EVERYTHING) || of(ELSEWHERE) && !["bind", "escalate"].contains(&&*request.verb) =>
        {
            Outcome::Allowed { by: By::AccessPolicy { policy: "the webhook's".to_owned(), rule: 0 } }
        }
        outcome => outcome,
    }
}

/// One write: who, how and what.
struct Write<'a> {
    policy: &'a Policy,
    identity: Identity,
    operation: &'a str,
    object: &'a Value,
}

/// What the API server says to `question`.
pub(super) fn outcome(policy: &Policy, question: &Value) -> Result<&'static str> {
    let identity = ours::identity(question);
    let object = question.get("object").unwrap_or(&Value::Null);
    let write = Write { policy, identity, operation: ours::text(question, "operation"), object };
    let creates = write.operation == "create";
    let exists = write.exists();
    let verb = if write.operation == "apply" { "patch" } else { write.operation };
    // The URL of a POST has no name.
    let named = (!creates).then(|| write.name());
    if !write.may(verb, named) {
        return Ok(UNAUTHORIZED);
    }
    if write.operation == "patch" && !exists {
        return Ok(MISSING);
    }
    let checked = write.checked(named)?;
    // PUT and server-side apply create what isn't there, and ask once more
    // (apiserver/pkg/endpoints/handlers/update.go, withAuthorization).
    if checked == ALLOWED && !creates && !exists && !write.may("create", named) {
        return Ok(UNAUTHORIZED);
    }
    Ok(checked)
}

impl Write<'_> {
    /// The escalation check.
    fn checked(&self, sent_name: Option<&str>) -> Result<&'static str> {
        let ask = |request: &Request| authorize(self.policy, &self.identity, request);
        let verdict = match self.kind() {
            "Role" | "ClusterRole" => {
                let before = self.before().filter(|_| sent_name.is_some());
                let role = self.merged(Role::deserialize(self.object)?, before);
                if before == Some(&role) && self.changes_nothing_else() {
                    return Ok(ALLOWED);
                }
                may_write_role(self.policy, &self.identity, &role, before, sent_name, ask)
            }
            "RoleBinding" | "ClusterRoleBinding" => {
                may_write_binding(self.policy, &self.identity, &Binding::deserialize(self.object)?, ask)
            }
            other => bail!("`{other}` is no kind of RBAC"),
        };
        Ok(match verdict {
            Verdict::Holds => ALLOWED,
            Verdict::Violated { .. } => ESCALATES,
            Verdict::Unknown { .. } => MISSING,
        })
    }

    /// A patch keeps the `aggregationRule` that it doesn't name; server-side apply does, since it is another manager's.
    fn merged(&self, role: Role, before: Option<&Role>) -> Role {
        let kept =
            before.filter(|_| self.operation != "update").and_then(|before| before.aggregation.clone());
        Role { aggregation: role.aggregation.or(kept), ..role }
    }

    /// Who changes nothing is not checked (pkg/registry/rbac/helpers.go, IsOnlyMutatingGCFields). A PUT without the stored
    /// `uid` changes that.
    fn changes_nothing_else(&self) -> bool {
        self.operation != "update" && self.object.pointer("/metadata/annotations").is_none()
    }

    fn exists(&self) -> bool {
        let same = |binding: &Binding| {
            binding.name == self.name() && binding.namespace.as_deref() == self.namespace()
        };
        if self.kind().ends_with("Binding") {
            self.policy.bindings().any(same)
        } else {
            self.before().is_some()
        }
    }

    fn before(&self) -> Option<&Role> {
        let reference = RoleRef {
            api_group: GROUP.to_owned(),
            kind: self.kind().to_owned(),
            name: self.name().to_owned(),
        };
        self.policy.role(&reference, self.namespace())
    }

    fn may(&self, verb: &str, name: Option<&str>) -> bool {
        let mut request = Request::resource(verb, GROUP, &format!("{}s", self.kind().to_lowercase()));
        if let Some(namespace) = self.namespace() {
            request = request.in_namespace(namespace);
        }
        if let Some(name) = name {
            request = request.named(name);
        }
        authorize(self.policy, &self.identity, &request).is_allowed()
    }

    fn kind(&self) -> &str {
        ours::text(self.object, "kind")
    }

    fn name(&self) -> &str {
        self.object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default()
    }

    fn namespace(&self) -> Option<&str> {
        self.object.pointer("/metadata/namespace").and_then(Value::as_str)
    }
}
