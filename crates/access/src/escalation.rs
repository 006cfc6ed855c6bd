//! Of writes of roles and bindings: what may be in them. The check sees RBAC alone, though the verbs `escalate` and `bind` are
//! asked of all authorizers (kubernetes, pkg/registry/rbac/validation/rule.go, `ConfirmNoEscalation`; pkg/registry/rbac/escalation_check.go).

use rbac::{Held, Request, Target};

use crate::hop::{At, Hop};

const GROUP: &str = "rbac.authorization.k8s.io";

/// The request that lets somebody write what he doesn't hold; none where a request writes no role and no binding.
pub(crate) fn freeing(request: &Request) -> Option<Request> {
    let Target::Resource { group, resource, subresource: None, namespace, name } = &request.target else {
        return None;
    };
    if &**group != GROUP || !["create", "update", "patch", "*"].contains(&&*request.verb) {
        return None;
    }
    // `bind` is asked of the role, which the request doesn't tell.
    let free = match &**resource {
        "roles" | "clusterroles" => {
            let escalate = Request::resource("escalate", GROUP, resource);
            name.iter().fold(escalate, |free, name| free.named(name))
        }
        "rolebindings" | "clusterrolebindings" => Request::resource("bind", GROUP, "clusterroles"),
        _ => return None,
    };
    Some(namespace.iter().fold(free, |free, namespace| free.in_namespace(namespace)))
}

/// What may be in the role or binding, by what its writer holds by RBAC, beside what everybody holds, and whether it is freed of
/// the check.
pub(crate) fn hop(free: &Request, freed: bool, held: &Held, everybody: &Held) -> Hop {
    let at = At::Escalation;
    if freed {
        return Hop::yes(at, format!("anything may be in it, by `{}`", free.verb));
    }
    if held.permissions.is_everything() {
        return Hop::yes(at, "anything may be in it: RBAC gives everything");
    }
    let own = held.permissions.difference(&everybody.permissions);
    if !own.is_empty() {
        return Hop::yes(
            at,
            format!("only what RBAC gives its writer may be in it ({} permissions)", held.permissions.len()),
        );
    }
    if !held.unknown.is_empty() {
        return Hop::unknown(at, "what may be in it", held.unknown.iter().cloned());
    }
    let why = "RBAC alone gives nothing but what everybody has, and no other rule may be in it: access policies don't count for this";
    Hop::no(at, why).changed_by(format!("give the same by RBAC, or `{}` on the role by its name", free.verb))
}
