//! The only list of checks.

use super::{check::Check, eks, policy, rbac, trust};

macro_rules! checks {
    ($($family:ident: [$($check:ident),* $(,)?],)*) => {
        /// All checks, family by family.
        pub const CHECKS: &[Check] = &[$($(
            Check { about: &$family::$check::ABOUT, look: $family::$check::look },
        )*)*];
    };
}

checks! {
    trust: [
        account_as_principal,
        anybody_may_assume,
        external_id_for_argocd,
        irsa_without_aud,
        irsa_without_sub,
        issuer_mismatch,
        malformed_subject,
        missing_tag_session,
        pod_identity_for_any_pod,
        provider_missing,
        provider_of_other_account,
        self_assumption,
        unknown_issuer,
        uppercase_subject,
        web_identity_for_service,
        wildcard_subject,
        wrong_action_for_provider,
    ],
    policy: [
        action_without_such_resource,
        allows_all_but,
        allows_everything,
        assume_any_role,
        assumes_missing_role,
        control_plane_policy,
        key_of_other_actions,
        never_matches,
        operator_for_other_type,
        pass_any_role,
        pattern_without_action,
        plain_wildcard,
        policy_size,
        privilege_escalation,
        refused_by_aws,
        service_wildcard,
        unknown_action,
        unknown_condition_key,
        unneeded_by_argocd,
    ],
    eks: [
        access_policy_writes_no_rbac,
        aws_auth_broken,
        aws_auth_item_matches_nobody,
        aws_auth_system_masters,
        binding_to_session,
        cluster_admin_by_access_policy,
        config_map_mode,
        edit_policy_for_whole_cluster,
        entry_for_session,
        entry_with_system_group,
        group_nobody_binds,
        group_nobody_holds,
        groups_of_node_entry,
        hidden_from_can_i,
        pod_identity_and_irsa,
        public_endpoint,
        reserved_username,
        stale_entry,
        tags_disabled_under_tag_condition,
        unknown_access_policy,
    ],
    rbac: [
        argocd_manager_left,
        bound_to_anybody,
        bound_to_system_masters,
        cluster_admin_binding,
        cluster_resource_in_role,
        default_service_account_bound,
        escalating_role,
        eternal_token,
        missing_role,
        names_on_create,
        reaches_everything,
        subresources_of_all,
        wildcard_role,
    ],
}
