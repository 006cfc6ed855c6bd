//! From fleet files to numbers, in every variant.

use std::{collections::BTreeSet, fmt::Write as _, sync::Arc};

use argocd::{Identity, Need};
use proptest::prelude::*;
use rbac::{Permission, Scope};

use super::*;

/// Base64 of a PEM that is none but looks like one.
const AUTHORITY: &str = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1BPT0KLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo=";

/// A self-managed hub and `clusters` spokes, so many to an account, every other one of the project `shop`.
fn spec(clusters: usize, per_account: usize, more: &str) -> Fleet {
    let mut text = format!(
        "apiVersion: oarlock.dev/v1alpha1\nkind: Fleet\nmetadata: {{name: acme}}\nspec:\n  hub:\n    \
         arn: arn:aws:eks:eu-west-1:111122223333:cluster/hub\n    argocd: {{version: '3.5'}}\n{more}  clusters:\n"
    );
    for number in 0..clusters {
        let account = 400_000_000_000 + number / per_account;
        let project = if number % 2 == 0 { "project: shop, " } else { "" };
        let arn = format!("arn:aws:eks:us-east-1:{account}:cluster/prod-{number:04}");
        writeln!(
            text,
            "  - {{arn: '{arn}', {project}endpoint: 'https://{number}.example', certificateAuthority: {AUTHORITY}}}"
        )
        .unwrap();
    }
    Fleet::parse(&Arc::from("fleet.yaml"), text.as_bytes()).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// The controller reads everything and writes in `web`, the server reads Secrets there.
fn needs(fleet: &Fleet) -> Vec<ClusterNeeds> {
    let need = |identity, permission| Need {
        identity,
        permission,
        reasons: [].into(),
        in_rbac: false,
        beyond: None,
    };
    let web = || Scope::of(Some("web"));
    let all = [
        need(Identity::Controller, Permission::resource(Scope::Cluster, "*", "*", "list")),
        need(Identity::Controller, Permission::resource(web(), "apps", "deployments", "create")),
        need(Identity::Server, Permission::resource(web(), "", "secrets", "get")),
    ];
    let on = |cluster: &fleet::Cluster| ClusterNeeds {
        arn: cluster.arn.clone(),
        name: cluster.name.clone(),
        needs: all.iter().cloned().collect(),
        cached_kinds: Vec::new(),
        findings: Vec::new(),
        unknown: Vec::new(),
        undecided: Vec::new(),
        in_cluster: false,
    };
    fleet.clusters.iter().map(on).collect()
}

fn input(fleet: &Fleet) -> Input<'_> {
    let (projects, applications) = (Vec::new(), Vec::new());
    Input { fleet, inventory: None, projects, applications, gaps: Vec::new(), removals: Vec::new() }
}

fn measured(fleet: &Fleet) -> Vec<Measured> {
    let needs = needs(fleet);
    let (all, unknown) = compared(input(fleet), &needs, &Reaches::of(&needs));
    assert!(unknown.is_empty(), "{unknown:#?}");
    all
}

fn of(all: &[Measured], variant: Variant) -> &Measured {
    all.iter().find(|one| one.variant == variant).unwrap()
}

#[test]
fn roles_are_those_of_the_hub_and_as_many_spoke_roles_as_the_variant_says() {
    let all = measured(&spec(6, 3, ""));
    let roles = Variant::CHOICES.map(|variant| of(&all, variant).objects.iam_roles);
    // Two accounts, and in each of them clusters with a project and without.
    assert_eq!(roles, [2 + 6, 2 + 4, 2 + 2, 2 + 1, 2]);
    let entries = Variant::CHOICES.map(|variant| of(&all, variant).objects.access_entries);
    assert_eq!(entries, [6, 6, 6, 6, 12]);
}

#[test]
fn a_stolen_spoke_role_reaches_its_clusters_and_a_hub_role_all_of_them() {
    let all = measured(&spec(6, 3, ""));
    let known = |variant| of(&all, variant).blast.known_to_clusters.reach.clusters;
    assert_eq!(Variant::CHOICES.map(known), [1, 2, 3, 6, 6]);
    assert!(all.iter().all(|one| one.blast.hub.reach.clusters == 6));
    let chained = of(&all, Variant::PerCluster).blast.average;
    // Two roles of the hub for all six clusters, six for one each: 18 / 8, rounded.
    assert_eq!((chained.roles, chained.clusters), (8, 2.3));
}

#[test]
fn only_direct_access_keeps_what_the_controller_reads_from_the_server() {
    let fleet = spec(2, 1, "");
    let (needs, server) = (needs(&fleet), "role/oarlock-hub-server");
    let reaches = Reaches::of(&needs);
    for (variant, secrets) in [(Variant::Direct, 0), (Variant::Shared, 2)] {
        let fleet = variant.applied(&fleet);
        let input = input(&fleet);
        let wanted = desired::settled(&input, &needs);
        let actors = actors::Actors::of(&fleet, &wanted.desired.objects);
        let [_, (role, clusters)] = actors.of_hub();
        assert!(role.to_string().ends_with(server));
        let all = clusters.iter().map(|(cluster, as_whom)| reaches.on(cluster, *as_whom));
        assert_eq!(all.map(|reach| reach.clusters_with_all_secrets).sum::<usize>(), secrets, "{variant:?}");
    }
}

#[test]
fn replacing_the_hubs_roles_changes_trust_policies_or_access_entries() {
    let all = measured(&spec(6, 3, ""));
    let rotation = |variant| {
        let Rotation { hub_trust_policies, hub_access_entries, .. } = of(&all, variant).rotation;
        (hub_trust_policies, hub_access_entries)
    };
    assert_eq!(Variant::CHOICES.map(rotation), [(6, 0), (4, 0), (2, 0), (1, 0), (0, 12)]);
    let apart = |variant| {
        let audit = of(&all, variant).audit;
        (audit.tells_clusters_apart, audit.tells_components_apart)
    };
    assert_eq!(apart(Variant::PerCluster), (true, false));
    assert_eq!(apart(Variant::Direct), (false, true));
}

#[test]
fn the_variant_of_the_fleet_file_is_marked_and_a_mixed_one_stands_beside_the_others() {
    let current = |more: &str| {
        let all = measured(&spec(2, 1, more));
        all.iter().filter(|one| one.current).map(|one| one.variant).collect::<Vec<_>>()
    };
    assert_eq!(current(""), [Variant::PerCluster]);
    assert_eq!(current("  roles: per-project\n"), [Variant::PerProject]);
    assert_eq!(current("  topology: direct\n"), [Variant::Direct]);
    let mut mixed = spec(2, 1, "");
    mixed.clusters.iter_mut().take(1).for_each(|cluster| cluster.topology = fleet::Topology::Direct);
    let all = measured(&mixed);
    assert_eq!(of(&all, Variant::AsWritten).objects.access_entries, 3);
    assert!(of(&all, Variant::AsWritten).current);
}

#[test]
fn the_narrowest_that_fits_is_recommended_and_of_equals_the_one_with_fewer_roles() {
    let best = |fleet: &Fleet| recommend::best(&measured(fleet)).map(|one| one.variant);
    assert_eq!(best(&spec(6, 3, "")), Some(Variant::PerCluster));
    // One cluster to an account: a role for each is a role for each account.
    assert_eq!(best(&spec(3, 1, "")), Some(Variant::PerCluster));
    let mut large = measured(&spec(6, 3, ""));
    for one in &mut large {
        if one.variant == Variant::PerCluster {
            one.misfits.push("90 % of managed policies per role".to_owned());
        }
    }
    assert_eq!(recommend::best(&large).map(|one| one.variant), Some(Variant::PerProject));
    let Recommendation { variant, reason } = Recommendation::of(&large);
    assert_eq!(variant, Some(Variant::PerProject));
    assert!(reason.contains("per-cluster would be narrower, but doesn't fit (90 % of"), "{reason}");
    large.iter_mut().for_each(|one| one.misfits.push("something".to_owned()));
    assert_eq!(Recommendation::of(&large).variant, None);
}

#[test]
fn the_recommendation_changes_where_the_names_of_spoke_roles_fill_the_hubs_policies() {
    let fleet = spec(6, 3, "");
    let needs = needs(&fleet);
    let growth = growth::of(&input(&fleet), &Reaches::of(&needs));
    let turn = growth.changes.first().unwrap();
    assert_eq!(turn.variant, Some(Variant::PerProject));
    assert!(turn.reason.starts_with("per-cluster no longer fits: 90 % of managed policies per role"));
    // The arithmetic of the policies: a name has quotes and a comma around it, and eight policies are room.
    let name = "\"arn:aws:iam::400000000000:role/oarlock-hub-us-east-1-prod-0000\",".len();
    let frame = r#"{"Version":"2012-10-17","Statement":[{"Sid":"AssumeSpokeRoles","Effect":"Allow","#.len()
        + r#""Action":["sts:AssumeRole","sts:TagSession"],"Resource":[]}]}"#.len();
    let expected = 8 * ((iam::MANAGED_POLICY_LIMIT - frame) / name) + 1;
    assert_eq!(turn.clusters, expected);
    let sizes: BTreeSet<usize> = growth.changes.iter().map(|turn| turn.clusters).collect();
    assert_eq!(sizes.len(), growth.changes.len());
}

#[test]
fn a_fleet_without_a_choice_is_refused() {
    let text = "apiVersion: oarlock.dev/v1alpha1\nkind: Fleet\nmetadata: {name: acme}\nspec:\n  hub:\n    \
                arn: arn:aws:eks:eu-west-1:111122223333:cluster/hub\n    argocd: {version: '3.5', install: eks-capability}\n  \
                clusters:\n  - {arn: 'arn:aws:eks:us-east-1:444455556666:cluster/prod'}\n";
    let fleet = Fleet::parse(&Arc::from("fleet.yaml"), text.as_bytes()).unwrap();
    let problems = tradeoff(input(&fleet)).unwrap_err();
    assert!(problems[0].message.contains("the EKS capability"), "{problems:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn more_clusters_never_shrink_a_number(clusters in 1_usize..20, more in 1_usize..20, per_account in 1_usize..8) {
        let few = measured(&spec(clusters, per_account, ""));
        let many = measured(&spec(clusters + more, per_account, ""));
        for (few, many) in few.iter().zip(&many) {
            prop_assert!(few.objects.total <= many.objects.total);
            prop_assert!(few.objects.in_aws() <= many.objects.in_aws());
            for (few, many) in few.quotas.iter().zip(&many.quotas) {
                prop_assert!(few.used <= many.used, "{}", few.quota.id);
            }
            prop_assert!(few.blast.hub.reach <= many.blast.hub.reach);
            prop_assert!(few.blast.known_to_clusters.reach <= many.blast.known_to_clusters.reach);
            prop_assert!(few.rotation.hub_trust_policies <= many.rotation.hub_trust_policies);
            prop_assert!(few.rotation.hub_access_entries <= many.rotation.hub_access_entries);
            prop_assert!(few.audit.principals <= many.audit.principals);
        }
    }

    #[test]
    fn wider_sharing_never_narrows_what_is_lost(clusters in 1_usize..20, per_account in 1_usize..8) {
        let all = measured(&spec(clusters, per_account, ""));
        let chained: Vec<_> = all.iter().filter(|one| one.variant != Variant::Direct).collect();
        for pair in chained.windows(2) {
            prop_assert!(pair[0].blast.known_to_clusters.reach <= pair[1].blast.known_to_clusters.reach);
            prop_assert!(pair[0].objects.iam_roles >= pair[1].objects.iam_roles);
        }
    }
}
