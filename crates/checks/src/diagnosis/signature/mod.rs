//! What is known about errors: one signature a file. The list at the end is the only one.

mod refused_token;

use std::sync::LazyLock;

use access::At;

use super::pattern::{Found, Parts, Pattern};

/// What is known about one kind of error.
#[derive(Debug)]
pub struct Signature {
    /// Its name: that of its file, with dashes.
    pub id: &'static str,
    /// What it means, in one line.
    pub title: &'static str,
    /// Its texts as the software writes them, with `{named}` parts, `{}` for anything on a line and `{...}` for several lines; `^` and
    /// `$` are the ends of the message. Versions differ, so there may be several.
    pub patterns: &'static [&'static str],
    /// Parts that are the same in all of its texts.
    pub fixed: &'static [(&'static str, &'static str)],
    /// Whether it says what is wrong, or only that something is.
    pub rank: Rank,
    /// What else has to be so.
    pub when: Option<fn(&Parts) -> bool>,
    /// The hops that may have failed, the likeliest first.
    pub hops: &'static [At],
    /// What may be the cause, the likeliest first.
    pub causes: &'static [&'static str],
    /// What tells one cause from another.
    pub evidence: &'static [&'static str],
    /// What mends it.
    pub fix: &'static [&'static str],
    /// Where this is written.
    pub sources: &'static [&'static str],
    /// What has to be asked of an inventory.
    pub asks: Asks,
}

/// How much an error says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    /// What is wrong.
    Cause,
    /// That something is wrong: where the same message has a cause, that is the error.
    Symptom,
}

/// What of an inventory an error is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// Whether the user may make the request: parts `user`, `verb`, `resource`, `group`, perhaps `namespace` and `name`.
    Request,
    /// Whether the user may act as the service account that the Application's AppProject names: parts `user` and `application`.
    Impersonation,
    /// Whether the component comes to the cluster at all.
    Cluster,
    /// Whether the cluster Secret trusts the cluster.
    Certificate,
    /// Whether the principal may assume the role: parts `principal` and `role`.
    AssumeRole,
    /// Whether pods of Argo CD's service accounts get a role.
    Credentials,
    /// Whether the AppProject permits it: part `project`.
    Project,
    /// Whether the user holds by RBAC what a role has in it: parts `user`, `of` and `rules`.
    Escalation,
    /// Whether Argo CD's own RBAC lets the person do it: parts `subject`, `resource`, `action`, `object`.
    ArgocdRbac,
    /// Whether the cluster Secret has the namespace, or the cluster's own objects, managed.
    Managed,
    /// Nothing that an inventory has.
    Nothing,
}

/// A signature with its patterns compiled.
pub(crate) struct Compiled {
    pub(crate) signature: &'static Signature,
    patterns: Vec<Pattern>,
}

impl Compiled {
    fn of(signature: &'static Signature) -> Self {
        Self { signature, patterns: signature.patterns.iter().filter_map(|own| Pattern::new(own)).collect() }
    }

    /// Everywhere in a text; where patterns overlap, the first counts.
    pub(crate) fn find(&self, text: &str) -> Vec<Found> {
        let mut all: Vec<Found> = Vec::new();
        for found in self.patterns.iter().flat_map(|pattern| pattern.find(text)) {
            let fits = self.signature.when.is_none_or(|when| when(&found.parts));
            if fits && all.iter().all(|other| found.end <= other.start || other.end <= found.start) {
                all.push(found);
            }
        }
        all
    }
}

/// All signatures, compiled.
pub(crate) static COMPILED: LazyLock<Vec<Compiled>> =
    LazyLock::new(|| ALL.iter().map(|signature| Compiled::of(signature)).collect());

macro_rules! signatures {
    ($($module:ident),* $(,)?) => {
        $(mod $module;)*

        /// All signatures. Where several of a message overlap, the one that stands first here counts.
        pub static ALL: &[&Signature] = &[$(&$module::SIGNATURE),*];
    };
}

signatures! {
    cache_list_forbidden,
    cache_list_unauthorized,
    node_identity,
    anonymous,
    impersonate_forbidden,
    impersonate_on_forbidden,
    impersonation_no_account,
    impersonation_bad_account,
    impersonation_failed,
    escalation_role,
    auth_reconcile,
    apply_get_forbidden,
    create_namespace_forbidden,
    namespace_missing,
    exec_forbidden,
    argocd_own_api_forbidden,
    rbac_forbidden,
    path_forbidden,
    credentials_asked_for,
    discovery_unauthorized,
    must_be_logged_in,
    no_resource_type,
    unauthorized,
    console_no_access,
    exec_exit_20,
    exec_failed,
    exec_not_found,
    exec_api_version,
    exec_no_token,
    signed_request_timeout,
    no_imds_role,
    no_credential_providers,
    region_missing,
    profile_missing,
    token_file,
    pod_identity_agent,
    pod_identity_trust,
    pod_identity_node,
    pod_identity_none,
    web_token_expired,
    session_expired,
    invalid_key,
    clock,
    sts_throttled,
    read_only_home,
    assume_role_node,
    assume_role_self,
    assume_role_explicit_deny,
    assume_role_no_identity_policy,
    assume_role_no_trust,
    assume_role_session_policy,
    assume_role_boundary,
    assume_role_denied,
    tag_session_denied,
    chained_duration,
    packed_policy,
    region_disabled,
    malformed_principal,
    trust_too_long,
    web_identity_denied,
    oidc_provider_missing,
    token_audience,
    verification_key,
    web_token_invalid,
    oidc_thumbprint,
    describe_cluster_denied,
    pass_role_denied,
    aws_not_authorized,
    entry_group_system,
    entry_exists,
    entry_principal,
    entry_mode,
    eks_no_cluster,
    association_exists,
    capability_entry,
    authenticator_not_mapped,
    authenticator_stale,
    authenticator_sts,
    authenticator_token_expired,
    authenticator_token_format,
    authenticator_instance,
    authenticator_username,
    namespaced_mode_kind,
    namespaced_mode_namespace,
    project_destination,
    project_kind,
    project_namespace,
    project_source,
    project_missing,
    project_app_namespace,
    cluster_name_unknown,
    cluster_name_twice,
    cluster_unknown,
    in_cluster_disabled,
    destination_invalid,
    shard_ignores,
    ca_not_pem,
    cluster_secret_config,
    tls_insecure_and_ca,
    tls_unknown_authority,
    tls_name,
    cluster_no_such_host,
    cluster_unreachable,
    argocd_permission_denied,
    server_version,
    rest_config,
    cluster_cache,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::diagnosis::pattern::asked;

    #[test]
    fn names_are_those_of_files_and_every_pattern_compiles() {
        let mut ids = BTreeSet::new();
        for signature in ALL {
            let file = format!(
                "{}/src/diagnosis/signature/{}.rs",
                env!("CARGO_MANIFEST_DIR"),
                signature.id.replace('-', "_")
            );
            assert!(std::path::Path::new(&file).exists(), "{}: no file {file}", signature.id);
            assert!(ids.insert(signature.id), "{} twice", signature.id);
            for pattern in signature.patterns {
                assert!(Pattern::new(pattern).is_some(), "{}: {pattern}", signature.id);
            }
            let lists =
                [signature.patterns, signature.causes, signature.evidence, signature.fix, signature.sources];
            assert!(lists.iter().all(|list| !list.is_empty()), "{}: something is empty", signature.id);
            assert!(!signature.hops.is_empty(), "{}: no hop", signature.id);
        }
    }

    #[test]
    fn sentences_ask_for_parts_that_some_pattern_or_a_message_has() {
        let beside = [
            "application",
            "project",
            "server",
            "cluster",
            "destination",
            "caller-arn",
            "component",
            "principal",
            "role",
            "action",
            "account",
        ];
        for signature in ALL {
            let patterns = signature.patterns.iter().filter_map(|own| Pattern::new(own));
            let fixed = signature.fixed.iter().map(|(name, _)| (*name).to_owned());
            let names: BTreeSet<String> =
                patterns.flat_map(|pattern| pattern.names().to_vec()).chain(fixed).collect();
            for sentence in [signature.causes, signature.evidence, signature.fix].concat() {
                for name in asked(sentence) {
                    assert!(names.contains(name) || beside.contains(&name), "{}: {{{name}}}", signature.id);
                }
            }
        }
    }
}
