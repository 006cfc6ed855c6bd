//! Trust policies that let nobody in, or not whom they mean.

use facts::{Finding, RoleArn};
use serde_json::Value;

use super::{Used, allowing, strings, warning};

/// Assumes a cluster's own role, never that of a pod (EKS User Guide, "Amazon EKS cluster IAM role").
const CONTROL_PLANE: &str = "eks.amazonaws.com";
/// Hands out Pod Identity's credentials (EKS User Guide, "Create IAM role with trust policy required by EKS Pod
/// Identity").
const POD_IDENTITY: &str = "pods.eks.amazonaws.com";
const WEB_IDENTITY: &str = "sts:AssumeRoleWithWebIdentity";
const TAG_SESSION: &str = "sts:TagSession";

/// STS's own keys (Service Authorization Reference, "Actions, resources, and condition keys for AWS Security Token
/// Service"), in lower case; `sts:RequestContext/…` ends with a name of one's own.
const STS_KEYS: [&str; 10] = [
    "awsservicename",
    "durationseconds",
    "externalid",
    "identitytokenaudience",
    "requestcontextproviders",
    "rolesessionname",
    "signingalgorithm",
    "sourceidentity",
    "taskpolicyarn",
    "transitivetagkeys",
];

const AS_IRSA: &str = "for IRSA: principal `Federated` with the ARN of the cluster's OIDC provider, action \
    `sts:AssumeRoleWithWebIdentity`, and `StringEquals` on `<issuer>:aud` and `<issuer>:sub`";
const AS_POD_IDENTITY: &str = "for Pod Identity: principal `Service: pods.eks.amazonaws.com`, actions `sts:AssumeRole` and \
    `sts:TagSession`, and `StringEquals` on `aws:RequestTag/kubernetes-namespace` and the like";

pub(super) fn of(used: &Used<'_>) -> Vec<Finding> {
    let role = used.role;
    let statements: Vec<Statement<'_>> = allowing(&role.trust).map(Statement).collect();
    let mut findings = Vec::new();
    let mut add = |id, what: String, help: &[&str]| {
        let message = format!("the trust policy of role `{}` {what}", role.arn);
        findings.push(help.iter().fold(warning(id, role, message), |finding, help| finding.with_help(*help)));
    };
    for statement in &statements {
        if used.is_of_pods() && statement.principals("Service").contains(&CONTROL_PLANE) {
            let what = format!(
                "lets in the service `{CONTROL_PLANE}`, which is the control plane of EKS: pods never come as it"
            );
            add("trust-of-the-control-plane", what, &[AS_IRSA, AS_POD_IDENTITY]);
        }
        if let Some(what) = statement.misfit() {
            add("trust-action-does-not-fit", what, &[AS_IRSA]);
        }
        if statement.principals("Service").contains(&POD_IDENTITY) && !statement.has_action(TAG_SESSION) {
            let what = format!(
                "lets in `{POD_IDENTITY}` without `{TAG_SESSION}`, which Pod Identity always asks for"
            );
            add("trust-without-tag-session", what, &[AS_POD_IDENTITY]);
        }
        for (operator, key, values) in statement.conditions() {
            if let Some(why) = statement.never_there(key).filter(|_| !operator.eq_ignore_ascii_case("null")) {
                let so = if is_true_without_key(operator) { "holds for everybody" } else { "is never met" };
                let what = format!("has a condition on `{key}`, {why}: so `{operator}` {so}");
                add("trust-key-never-there", what, &[AS_IRSA, AS_POD_IDENTITY]);
            } else if let Some(what) = never_a_subject(operator, key, &values) {
                add("trust-subject-never-matches", what, &[AS_IRSA]);
            }
        }
    }
    if used.is_assumed_for_a_cluster() && want_external_id(&statements, &role.arn) {
        let what = "asks for `sts:ExternalId`: `argocd-k8s-auth aws` knows the cluster's name, the role and a profile, and can't send one".to_owned();
        let help = "name exactly the hub's roles as principals: an external id protects nothing beyond that in one organization";
        add("trust-wants-external-id", what, &[help]);
    }
    findings
}

/// One statement of a trust policy.
struct Statement<'v>(&'v Value);

impl<'v> Statement<'v> {
    fn principals(&self, kind: &str) -> Vec<&'v str> {
        strings(self.0.get("Principal").and_then(|principal| principal.get(kind)))
    }

    /// Action names are the same in any case (IAM User Guide, "IAM JSON policy elements: Action").
    fn has_action(&self, action: &str) -> bool {
        let wide = ["*", "sts:*"];
        strings(self.0.get("Action"))
            .iter()
            .any(|a| a.eq_ignore_ascii_case(action) || wide.iter().any(|wide| a.eq_ignore_ascii_case(wide)))
    }

    /// Operator, key and values.
    fn conditions(&self) -> Vec<(&'v str, &'v str, Vec<&'v str>)> {
        let operators = self.0.get("Condition").and_then(Value::as_object).into_iter().flatten();
        operators
            .flat_map(|(operator, keys)| {
                let keys = keys.as_object().into_iter().flatten();
                keys.map(move |(key, values)| (operator.as_str(), key.as_str(), strings(Some(values))))
            })
            .collect()
    }

    /// Web identities are federated, and nobody else comes by that action (STS API, AssumeRoleWithWebIdentity).
    fn misfit(&self) -> Option<String> {
        let federated = self.principals("Federated");
        let oidc = federated.iter().find(|provider| provider.contains(":oidc-provider/"));
        if let Some(provider) = oidc.filter(|_| !self.has_action(WEB_IDENTITY)) {
            return Some(format!(
                "names the OIDC provider `{provider}` without the action `{WEB_IDENTITY}`, by which alone its tokens are used"
            ));
        }
        let named = strings(self.0.get("Action")).iter().any(|a| a.eq_ignore_ascii_case(WEB_IDENTITY));
        let others = ["Service", "AWS"].iter().any(|kind| !self.principals(kind).is_empty());
        (named && others && federated.is_empty()).then(|| {
            format!("has the action `{WEB_IDENTITY}` for a principal that isn't `Federated`: nobody comes that way")
        })
    }

    /// Why no request for this role has a condition key, as far as that is certain.
    fn never_there(&self, key: &str) -> Option<String> {
        let (prefix, name) = key.split_once(':')?;
        let lower = name.to_ascii_lowercase();
        if prefix.eq_ignore_ascii_case("eks") {
            return Some("which no request to STS has: `eks:` keys are of the EKS API".to_owned());
        }
        if prefix.eq_ignore_ascii_case("sts") {
            let known = STS_KEYS.contains(&lower.as_str()) || lower.starts_with("requestcontext/");
            return (!known).then(|| "which STS doesn't know".to_owned());
        }
        let issuer = [":aud", ":sub", ":amr"].iter().find_map(|end| key.strip_suffix(end))?;
        let is_oidc = |provider: &&&str| provider.contains(":oidc-provider/");
        let federated = self.principals("Federated");
        match federated.iter().find(is_oidc) {
            Some(provider) => {
                let own = provider.split_once(":oidc-provider/").map_or("", |(_, own)| own);
                (!own.eq_ignore_ascii_case(issuer)).then(|| {
                    format!("but the principal is `{own}`, whose tokens bring keys of that name only")
                })
            }
            None if federated.is_empty() && issuer.starts_with("oidc.") => {
                Some("which only tokens of an OIDC provider bring, and none is the principal".to_owned())
            }
            None => None,
        }
    }
}

/// Negated operators, those with `IfExists`, and `ForAllValues` are true for a key that isn't there (IAM User Guide,
/// "Condition operators").
fn is_true_without_key(operator: &str) -> bool {
    let lower = operator.to_ascii_lowercase();
    lower.ends_with("ifexists") || lower.contains("not") || lower.starts_with("forallvalues")
}

/// `StringEquals` takes `*` literally, and a service account's subject has four parts (EKS User Guide, "Assign IAM roles
/// to Kubernetes service accounts").
fn never_a_subject(operator: &str, key: &str, values: &[&str]) -> Option<String> {
    if !key.starts_with("oidc.eks") || !key.ends_with(":sub") || is_true_without_key(operator) {
        return None;
    }
    let literal = operator.to_ascii_lowercase().starts_with("stringequals");
    if let Some(value) = values.iter().find(|value| literal && value.contains(['*', '?'])) {
        return Some(format!(
            "compares `{key}` with `{value}` by `{operator}`, which takes the wildcard literally"
        ));
    }
    let parts = |value: &str| value.starts_with("system:serviceaccount:") && value.split(':').count() == 4;
    let value = values.iter().find(|value| !value.contains(['*', '?']) && !parts(value))?;
    Some(format!(
        "compares `{key}` with `{value}`, which is no service account: that is `system:serviceaccount:<namespace>:<name>`"
    ))
}

/// Whether nobody gets in without an external id by any statement for AWS principals.
fn want_external_id(statements: &[Statement<'_>], role: &RoleArn) -> bool {
    let mut doors = statements.iter().filter(|statement| !statement.principals("AWS").is_empty()).peekable();
    let own = |statement: &&Statement<'_>| statement.principals("AWS").contains(&role.to_string().as_str());
    doors.peek().is_some()
        && doors.filter(|statement| !own(statement)).all(|statement| {
            statement.conditions().iter().any(|(operator, key, _)| {
                key.eq_ignore_ascii_case("sts:ExternalId") && !is_true_without_key(operator)
            })
        })
}
