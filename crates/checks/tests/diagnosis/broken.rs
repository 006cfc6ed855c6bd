//! One thing at a time is broken in the example's inventory; the error that comes of it is diagnosed, and the change that is
//! proposed makes the chain pass again.

use std::{path::Path, sync::LazyLock};

use access::{Installation, Passes};
use facts::{ClusterArn, RoleArn};
use inventory::{Cluster, IamRole, Inventory, Known, folder};
use oarlock_checks::diagnosis::{Answer, Change, Diagnoses, Form, Inquiry, SecretField, messages};
use serde_json::{Value, json};

static ACME: LazyLock<Inventory> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/acme/inventory");
    let reading = Inventory::read(&folder::inventory(&folder).unwrap());
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
    reading.inventory
});

const HUB: &str = "arn:aws:eks:eu-west-1:111122223333:cluster/hub";
const EU: &str = "arn:aws:eks:eu-west-1:444455556666:cluster/payments";
const US: &str = "arn:aws:eks:us-east-1:444455556666:cluster/payments";
const ANALYTICS: &str = "arn:aws:eks:eu-west-1:777788889999:cluster/analytics";
const STAGING: &str = "arn:aws:eks:us-east-1:777788889999:cluster/staging";
const MANAGEMENT: &str = "arn:aws:iam::111122223333:role/argocd-management";
const DEPLOYER: &str = "arn:aws:iam::444455556666:role/argocd-deployer";

fn arn(text: &str) -> ClusterArn {
    text.parse().unwrap()
}

fn cluster<'i>(inventory: &'i mut Inventory, text: &str) -> &'i mut Cluster {
    inventory.clusters.get_mut(&arn(text)).unwrap()
}

fn known<T>(what: &mut Known<T>) -> &mut T {
    match what {
        Known::Known(value) => value,
        Known::Gap(gap) => panic!("{gap}"),
    }
}

fn role<'i>(inventory: &'i mut Inventory, text: &str) -> &'i mut IamRole {
    let role: RoleArn = text.parse().unwrap();
    known(&mut inventory.accounts.get_mut(&role.account).unwrap().roles).get_mut(&role.name).unwrap()
}

fn body<'i>(inventory: &'i mut Inventory, list: &str, name: &str) -> &'i mut Value {
    let objects = cluster(inventory, HUB).kubernetes.objects.get_mut(list).unwrap();
    &mut objects.iter_mut().find(|object| object.name == name).unwrap().body
}

/// Rewrites `config` of a cluster Secret.
fn config(inventory: &mut Inventory, name: &str, change: impl Fn(&mut Value)) {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let body = body(inventory, "secrets", name);
    let text = STANDARD.decode(body["data"]["config"].as_str().unwrap()).unwrap();
    let mut config: Value = serde_json::from_slice(&text).unwrap();
    change(&mut config);
    body["data"]["config"] = STANDARD.encode(config.to_string()).into();
}

fn endpoint(text: &str) -> String {
    let known = ACME.clusters[&arn(text)].description.known().unwrap();
    known.endpoint.clone().unwrap()
}

fn entry<'i>(inventory: &'i mut Inventory, on: &str, principal: &str) -> &'i mut inventory::AccessEntry {
    known(&mut cluster(inventory, on).access_entries).get_mut(principal).unwrap()
}

fn issuer() -> String {
    let description = ACME.clusters[&arn(HUB)].description.known().unwrap();
    description.oidc_issuer.as_ref().unwrap().trim_start_matches("https://").to_owned()
}

/// What the inventory says about the one error of a text.
#[track_caller]
fn asked(inventory: &Inventory, text: &str) -> Answer {
    let diagnoses = Diagnoses::of(&messages("-", text));
    assert_eq!(diagnoses.errors.len(), 1, "{text}: {diagnoses:?}");
    let argocd = Installation::find(inventory, None).ok();
    let inquiry = Inquiry::new(inventory, argocd, None);
    inquiry.ask(&diagnoses.errors[0]).unwrap_or_else(|| panic!("nothing is asked for {text}"))
}

/// Breaks the example's inventory; the text is what Argo CD, kubectl or the SDK say then. All changes repair it, and have a text in
/// each form.
#[track_caller]
fn broken(breaking: impl Fn(&mut Inventory), text: &str, hop: &str) -> Vec<Change> {
    let mut inventory = ACME.clone();
    breaking(&mut inventory);
    let answer = asked(&inventory, text);
    assert_eq!(answer.failing().map(|hop| hop.at.as_str()), Some(hop), "{text}\n{answer:#?}");
    let repair = answer.repair.unwrap_or_else(|| panic!("no repair: {text}\n{:#?}", answer.hops));
    assert_eq!(repair.passes, Passes::Yes, "{repair:#?}");
    for change in &repair.changes {
        for form in [Form::Yaml, Form::Terraform, Form::Cli] {
            assert!(!change.text(form).trim().is_empty(), "{change:?}");
        }
    }
    repair.changes
}

fn exit_20(on: &str) -> String {
    let endpoint = endpoint(on);
    format!(
        "failed to get server version: Get \"{endpoint}/version?timeout=32s\": getting credentials: exec: executable argocd-k8s-auth failed with exit code 20 (Client.Timeout exceeded while awaiting headers)"
    )
}

fn credentials_asked_for(on: &str) -> String {
    format!(
        "failed to sync cluster {0}: Get \"{0}/version?timeout=32s\": the server has asked for the client to provide credentials",
        endpoint(on)
    )
}

fn refused(role: &str, verb: &str, resource: &str, group: &str, namespace: &str) -> String {
    let session = role.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/");
    format!(
        "{resource} is forbidden: User \"{session}/1763370000000000000\" cannot {verb} resource \"{resource}\" in API group \"{group}\" in the namespace \"{namespace}\""
    )
}

#[test]
fn the_clean_inventory_repairs_nothing() {
    for text in [exit_20(EU), exit_20(ANALYTICS), credentials_asked_for(STAGING), credentials_asked_for(US)] {
        let answer = asked(&ACME, &text);
        assert!(answer.passes == Passes::Yes && answer.repair.is_none(), "{answer:#?}");
    }
}

#[test]
fn an_access_entry_that_is_gone_is_made() {
    let gone =
        |inventory: &mut Inventory| drop(known(&mut cluster(inventory, EU).access_entries).remove(DEPLOYER));
    let changes = broken(gone, &credentials_asked_for(EU), "cluster-identity");
    assert!(
        matches!(&changes[..], [Change::Entry { principal, again: false, .. }] if principal == DEPLOYER),
        "{changes:?}"
    );
}

#[test]
fn an_access_entry_of_an_earlier_role_is_made_again_with_what_it_had() {
    let anew = |inventory: &mut Inventory| {
        role(inventory, DEPLOYER).create_date = Some("2026-10-01T00:00:00+00:00".to_owned())
    };
    let changes = broken(anew, &credentials_asked_for(EU), "cluster-identity");
    assert!(
        matches!(&changes[..], [Change::Entry { policies, again: true, .. }] if policies.len() == 1),
        "{changes:?}"
    );
    assert!(
        changes[0].text(Form::Cli).starts_with("aws eks delete-access-entry "),
        "{}",
        changes[0].text(Form::Cli)
    );
}

#[test]
fn an_authentication_mode_without_entries_is_changed() {
    let mode = |inventory: &mut Inventory| {
        known(&mut cluster(inventory, EU).description).authentication_mode = Some("CONFIG_MAP".to_owned());
    };
    let changes = broken(mode, &credentials_asked_for(EU), "cluster-identity");
    assert!(matches!(&changes[..], [Change::Mode { .. }]), "{changes:?}");
}

#[test]
fn a_mapping_of_aws_auth_that_is_gone_is_an_access_entry() {
    let gone = |inventory: &mut Inventory| {
        let maps = cluster(inventory, US).kubernetes.objects.get_mut("configmaps").unwrap();
        maps.iter_mut().find(|map| map.name == "aws-auth").unwrap().body["data"]["mapRoles"] = json!("[]");
    };
    let changes = broken(gone, &credentials_asked_for(US), "cluster-identity");
    assert!(matches!(&changes[..], [Change::Entry { again: false, .. }]), "{changes:?}");
}

#[test]
fn aws_auth_that_isn_t_read_any_more_is_an_access_entry() {
    let api = |inventory: &mut Inventory| {
        known(&mut cluster(inventory, US).description).authentication_mode = Some("API".to_owned());
    };
    let changes = broken(api, &credentials_asked_for(US), "cluster-identity");
    assert!(matches!(&changes[..], [Change::Entry { groups, .. }] if groups.is_empty()), "{changes:?}");
}

#[test]
fn a_token_for_another_cluster_s_name_is_a_field_of_the_secret() {
    let other = |inventory: &mut Inventory| {
        config(inventory, "cluster-analytics-eu", |config| {
            config["awsAuthConfig"]["clusterName"] = json!("analytics-eu")
        });
    };
    let changes = broken(other, &credentials_asked_for(ANALYTICS), "token");
    assert!(
        matches!(&changes[..], [Change::Secret { field: SecretField::ClusterName, value: Some(value), .. }] if value == "analytics"),
        "{changes:?}"
    );
}

#[test]
fn a_role_that_isn_t_there_is_the_one_that_the_cluster_knows() {
    let typo = |inventory: &mut Inventory| {
        config(inventory, "cluster-payments-prod-eu", |config| {
            config["awsAuthConfig"]["roleARN"] = json!("arn:aws:iam::444455556666:role/argocd-deploier");
        });
    };
    let changes = broken(typo, &exit_20(EU), "assume-role");
    assert!(
        matches!(&changes[..], [Change::Secret { field: SecretField::RoleArn, value: Some(value), .. }] if value == DEPLOYER),
        "{changes:?}"
    );
}

#[test]
fn a_role_arn_that_is_none_is_the_one_that_the_cluster_knows() {
    let name = |inventory: &mut Inventory| {
        config(inventory, "cluster-payments-prod-eu", |config| {
            config["awsAuthConfig"]["roleARN"] = json!("argocd-deployer")
        });
    };
    let changes = broken(name, &exit_20(EU), "cluster-secret");
    assert!(matches!(&changes[..], [Change::Secret { field: SecretField::RoleArn, .. }]), "{changes:?}");
}

#[test]
fn a_role_that_would_assume_itself_is_left_out() {
    let own = |inventory: &mut Inventory| {
        config(inventory, "cluster-staging-us", |config| {
            config["awsAuthConfig"]["roleARN"] = json!(MANAGEMENT)
        });
    };
    let narrow = |inventory: &mut Inventory| {
        own(inventory);
        role(inventory, MANAGEMENT).inline_policies.clear();
    };
    let changes = broken(narrow, &exit_20(STAGING), "assume-role");
    assert!(
        matches!(&changes[..], [Change::Secret { field: SecretField::RoleArn, value: None, .. }]),
        "{changes:?}"
    );
}

#[test]
fn a_server_of_an_earlier_cluster_is_the_endpoint() {
    let old = "https://0D3F5A7B9C1E2046881A3C5E7F90B2D4.gr7.us-east-1.eks.amazonaws.com";
    let moved = |inventory: &mut Inventory| {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        body(inventory, "secrets", "cluster-staging-us")["data"]["server"] = STANDARD.encode(old).into();
    };
    let host = old.trim_start_matches("https://");
    let text =
        format!("Get \"{old}/version?timeout=32s\": dial tcp: lookup {host} on 172.20.0.10:53: no such host");
    let changes = broken(moved, &text, "cluster-secret");
    assert!(
        matches!(&changes[..], [Change::Secret { field: SecretField::Server, value: Some(value), .. }] if *value == endpoint(STAGING)),
        "{changes:?}"
    );
}

#[test]
fn a_certificate_authority_of_another_cluster_is_this_one_s() {
    let other = |inventory: &mut Inventory| {
        config(inventory, "cluster-staging-us", |config| {
            config["tlsClientConfig"]["caData"] = json!("b3RoZXI=")
        });
    };
    let text = format!(
        "Get \"{}/version?timeout=32s\": tls: failed to verify certificate: x509: certificate signed by unknown authority",
        endpoint(STAGING)
    );
    let changes = broken(other, &text, "cluster-secret");
    assert!(matches!(&changes[..], [Change::Secret { field: SecretField::CaData, .. }]), "{changes:?}");
}

fn denied() -> String {
    let session = MANAGEMENT.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/");
    format!(
        "operation error STS: AssumeRole, https response error StatusCode: 403, RequestID: 1, api error AccessDenied: User: {session}/eks-hub-argocd-appl-1 is not authorized to perform: sts:AssumeRole on resource: {DEPLOYER}"
    )
}

fn distrust(inventory: &mut Inventory) {
    role(inventory, DEPLOYER).trust["Statement"][0]["Principal"] = json!({"Service": "ec2.amazonaws.com"});
}

#[test]
fn a_role_that_doesn_t_trust_gets_a_statement() {
    for text in [exit_20(EU), denied()] {
        let changes = broken(distrust, &text, "assume-role");
        let [Change::Trust { statement, document, .. }] = &changes[..] else { panic!("{changes:?}") };
        assert_eq!(statement["Action"], json!(["sts:AssumeRole", "sts:TagSession"]));
        assert_eq!(document["Statement"].as_array().unwrap().len(), 2);
    }
}

#[test]
fn a_trust_policy_without_tagging_gets_tagging_alone() {
    let untagged = |inventory: &mut Inventory| {
        role(inventory, DEPLOYER).trust["Statement"][0]["Action"] = json!("sts:AssumeRole")
    };
    let text = denied().replace("perform: sts:AssumeRole", "perform: sts:TagSession");
    let changes = broken(untagged, &text, "assume-role");
    let [Change::Trust { statement, .. }] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!(statement["Action"], json!(["sts:TagSession"]));
}

fn narrowed(inventory: &mut Inventory) {
    role(inventory, MANAGEMENT).inline_policies.clear();
}

#[test]
fn a_caller_without_a_policy_gets_one() {
    let changes = broken(narrowed, &denied(), "assume-role");
    let [Change::Identity { statement, .. }] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!(statement["Resource"], json!(DEPLOYER));
}

#[test]
fn both_sides_are_changed_where_both_are_lacking() {
    let both = |inventory: &mut Inventory| {
        distrust(inventory);
        narrowed(inventory);
    };
    let changes = broken(both, &denied(), "assume-role");
    assert!(matches!(&changes[..], [Change::Trust { .. }, Change::Identity { .. }]), "{changes:?}");
}

#[test]
fn an_explicit_deny_has_no_small_repair() {
    let mut inventory = ACME.clone();
    role(&mut inventory, MANAGEMENT).inline_policies.insert(
        "deny".to_owned(),
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*"}]}),
    );
    let answer = asked(&inventory, &denied());
    assert_eq!(answer.failing().map(|hop| hop.at.as_str()), Some("assume-role"));
    assert!(answer.passes == Passes::No && answer.repair.is_none(), "{answer:#?}");
}

const NO_ROLE: &str = "failed to refresh cached credentials, no EC2 IMDS role found, operation error ec2imds: GetMetadata, canceled, context deadline exceeded";

#[test]
fn a_service_account_without_a_role_gets_that_of_the_other_component() {
    let bare =
        |inventory: &mut Inventory| known(&mut cluster(inventory, HUB).pod_identity_associations).clear();
    for text in [NO_ROLE.to_owned(), exit_20(EU)] {
        let changes = broken(bare, &text, "service-account");
        assert!(
            matches!(&changes[..], [Change::Annotation { account, role, .. }] if account == "argocd-application-controller" && role.to_string() == MANAGEMENT),
            "{changes:?}"
        );
    }
}

#[test]
fn an_annotation_that_is_no_arn_is_the_role_of_the_other_component() {
    let wrong = |inventory: &mut Inventory| {
        body(inventory, "serviceaccounts", "argocd-server")["metadata"]["annotations"]["eks.amazonaws.com/role-arn"] =
            json!("argocd-management");
    };
    let changes = broken(wrong, &exit_20(EU), "service-account");
    assert!(
        matches!(&changes[..], [Change::Annotation { account, .. }] if account == "argocd-server"),
        "{changes:?}"
    );
}

#[test]
fn a_role_of_pod_identity_without_tagging_gets_tagging_alone() {
    let untagged = |inventory: &mut Inventory| {
        role(inventory, MANAGEMENT).trust["Statement"][0]["Action"] = json!(["sts:AssumeRole"])
    };
    let text = "AccessDeniedException: Unauthorized Exception! EKS does not have permissions to assume the associated role.";
    let changes = broken(untagged, text, "service-account");
    let [Change::Trust { statement, .. }] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!(
        (&statement["Action"], &statement["Principal"]),
        (&json!(["sts:TagSession"]), &json!({"Service": "pods.eks.amazonaws.com"}))
    );
}

#[test]
fn a_trust_policy_for_another_service_account_gets_a_statement_for_this_one() {
    let other = |inventory: &mut Inventory| {
        let key = format!("{}:sub", issuer());
        role(inventory, MANAGEMENT).trust["Statement"][1]["Condition"] =
            json!({"StringEquals": {key: "system:serviceaccount:argo:argocd-server"}});
    };
    let text = "operation error STS: AssumeRoleWithWebIdentity, https response error StatusCode: 403, RequestID: 5, api error AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity";
    let changes = broken(other, text, "service-account");
    let [Change::Trust { statement, .. }] = &changes[..] else { panic!("{changes:?}") };
    let condition = &statement["Condition"]["StringEquals"];
    assert_eq!(condition[format!("{}:sub", issuer())], "system:serviceaccount:argocd:argocd-server");
}

#[test]
fn an_oidc_provider_that_is_gone_is_made() {
    let gone = |inventory: &mut Inventory| {
        known(&mut inventory.accounts.get_mut(&"111122223333".parse().unwrap()).unwrap().oidc_providers)
            .clear();
    };
    let text = format!(
        "InvalidIdentityToken: No OpenIDConnect provider found in your account for https://{}",
        issuer()
    );
    let changes = broken(gone, &text, "service-account");
    assert!(
        matches!(&changes[..], [Change::Provider { issuer: own, .. }] if *own == issuer()),
        "{changes:?}"
    );
}

#[test]
fn an_audience_that_is_lacking_is_added() {
    let lacking = |inventory: &mut Inventory| {
        let providers =
            known(&mut inventory.accounts.get_mut(&"111122223333".parse().unwrap()).unwrap().oidc_providers);
        *known(&mut providers.get_mut(&issuer()).unwrap().client_ids) = vec!["other".to_owned()];
    };
    let changes = broken(lacking, "InvalidIdentityToken: Incorrect token audience", "service-account");
    assert!(matches!(&changes[..], [Change::Audience { .. }]), "{changes:?}");
}

const ANALYST: &str = "arn:aws:iam::777788889999:role/argocd-analytics";

fn without_policies(inventory: &mut Inventory) {
    *known(&mut entry(inventory, ANALYTICS, ANALYST).policies) = Vec::new();
}

#[test]
fn a_rule_is_bound_to_the_entry_s_group() {
    let changes =
        broken(without_policies, &refused(ANALYST, "create", "configmaps", "", "reports"), "authorization");
    let [Change::Rules(rules)] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!((rules.namespace.as_deref(), rules.subject.name.as_str()), (Some("reports"), "deployers"));
    assert_eq!(rules.rules[0].verbs, ["create"]);
}

#[test]
fn the_cache_gets_list_and_watch_of_the_kind() {
    let session = "arn:aws:sts::777788889999:assumed-role/argocd-analytics/1";
    let text = format!(
        "failed to sync cluster {}: failed to load initial state of resource Certificate.cert-manager.io: certificates.cert-manager.io is forbidden: User \"{session}\" cannot list resource \"certificates\" in API group \"cert-manager.io\" at the cluster scope",
        endpoint(ANALYTICS)
    );
    let changes = broken(without_policies, &text, "authorization");
    let [Change::Rules(rules)] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!(
        (rules.namespace.as_deref(), &rules.rules[0].verbs[..]),
        (None, &["list".to_owned(), "watch".to_owned()][..])
    );
}

#[test]
fn an_entry_without_a_group_gets_one_for_the_rule() {
    let without =
        |inventory: &mut Inventory| *known(&mut entry(inventory, EU, DEPLOYER).policies) = Vec::new();
    let changes = broken(without, &refused(DEPLOYER, "delete", "services", "", "checkout"), "authorization");
    assert!(matches!(&changes[..], [Change::EntryGroups { .. }, Change::Rules(_)]), "{changes:?}");
}

#[test]
fn a_policy_in_other_namespaces_leaves_a_rule_to_be_made() {
    let elsewhere = |inventory: &mut Inventory| {
        let policy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSAdminPolicy".to_owned();
        *known(&mut entry(inventory, ANALYTICS, ANALYST).policies) =
            vec![(policy, vec!["reports".to_owned()])];
    };
    let changes = broken(elsewhere, &refused(ANALYST, "create", "secrets", "", "ingest"), "authorization");
    assert!(
        matches!(&changes[..], [Change::Rules(rules)] if rules.namespace.as_deref() == Some("ingest")),
        "{changes:?}"
    );
}

#[test]
fn a_custom_resource_that_no_policy_has_is_a_rule() {
    let edit = |inventory: &mut Inventory| {
        let policy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy".to_owned();
        *known(&mut entry(inventory, ANALYTICS, ANALYST).policies) = vec![(policy, Vec::new())];
    };
    let text = refused(ANALYST, "patch", "certificates", "cert-manager.io", "reports");
    let changes = broken(edit, &text, "authorization");
    assert!(matches!(&changes[..], [Change::Rules(_)]), "{changes:?}");
}

#[test]
fn a_namespace_is_read_by_a_cluster_role_with_its_name() {
    let session = "arn:aws:sts::777788889999:assumed-role/argocd-analytics/1";
    let text = format!(
        "namespaces \"reports\" is forbidden: User \"{session}\" cannot get resource \"namespaces\" in API group \"\" in the namespace \"reports\""
    );
    let changes = broken(without_policies, &text, "authorization");
    let [Change::Rules(rules)] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!(
        (rules.namespace.as_deref(), &rules.rules[0].resource_names[..]),
        (None, &["reports".to_owned()][..])
    );
}

#[test]
fn a_service_account_may_be_impersonated_by_its_name() {
    let session = "arn:aws:sts::777788889999:assumed-role/argocd-analytics/1";
    let text = format!(
        "serviceaccounts \"deployer\" is forbidden: User \"{session}\" cannot impersonate resource \"serviceaccounts\" in API group \"\" in the namespace \"reports\""
    );
    let changes = broken(without_policies, &text, "impersonation");
    let [Change::Rules(rules)] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!(
        (&rules.rules[0].verbs[..], &rules.rules[0].resource_names[..]),
        (&["impersonate".to_owned()][..], &["deployer".to_owned()][..])
    );
}

#[test]
fn argo_cd_on_its_own_cluster_is_a_service_account() {
    let unbound = |inventory: &mut Inventory| {
        cluster(inventory, HUB)
            .kubernetes
            .bindings
            .retain(|binding| binding.name != "argocd-application-controller")
    };
    let text = "deployments.apps \"front\" is forbidden: User \"system:serviceaccount:argocd:argocd-application-controller\" cannot patch resource \"deployments\" in API group \"apps\" in the namespace \"monitoring\"";
    let changes = broken(unbound, text, "authorization");
    assert!(
        matches!(&changes[..], [Change::Rules(rules)] if rules.subject.kind == "ServiceAccount"),
        "{changes:?}"
    );
}

#[test]
fn rules_that_are_handed_on_have_to_be_held_by_rbac() {
    let session = "arn:aws:sts::777788889999:assumed-role/argocd-analytics/1";
    let text = format!(
        "failed to sync cluster {}: clusterroles.rbac.authorization.k8s.io \"viewer\" is forbidden: user \"{session}\" (groups=[\"deployers\" \"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n{{APIGroups:[\"cert-manager.io\"], Resources:[\"certificates\"], Verbs:[\"get\" \"list\"]}}",
        endpoint(ANALYTICS)
    );
    let changes = broken(|_| {}, &text, "escalation");
    let [Change::Rules(rules)] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!(
        (rules.namespace.as_deref(), &rules.rules[0].verbs[..]),
        (None, &["get".to_owned(), "list".to_owned()][..])
    );
}

#[test]
fn a_person_gets_the_one_line_in_argo_cds_own_rbac() {
    let text = "rpc error: code = PermissionDenied desc = permission denied: applications, sync, payments/checkout, sub: ann@example.com, iat: 2026-11-02T08:12:44Z";
    let changes = broken(|_| {}, text, "argocd-rbac");
    let [Change::Policy { line, csv, .. }] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!(line, "p, ann@example.com, applications, sync, payments/checkout, allow");
    assert!(csv.ends_with(&format!("{line}\n")) && csv.lines().count() > 1, "{csv}");
}

#[test]
fn an_app_project_gets_the_destination() {
    let without = |inventory: &mut Inventory| {
        body(inventory, "appprojects", "payments")["spec"]["destinations"] = json!([])
    };
    let text = format!(
        "application destination server '{}' and namespace 'checkout' do not match any of the allowed destinations in project 'payments'",
        endpoint(EU)
    );
    let changes = broken(without, &text, "project");
    assert!(matches!(&changes[..], [Change::Project { list: "destinations", .. }]), "{changes:?}");
}

#[test]
fn an_app_project_gets_the_cluster_kind() {
    let text = "resource rbac.authorization.k8s.io:ClusterRole is not permitted in project payments";
    let changes = broken(|_| {}, text, "project");
    assert!(
        matches!(&changes[..], [Change::Project { list: "clusterResourceWhitelist", .. }]),
        "{changes:?}"
    );
}

#[test]
fn an_app_project_gets_the_repository() {
    let text = "application repo https://git.example.com/other.git is not permitted in project 'payments'";
    let changes = broken(|_| {}, text, "project");
    assert!(matches!(&changes[..], [Change::Project { list: "sourceRepos", .. }]), "{changes:?}");
}

#[test]
fn what_isn_t_known_is_said() {
    let answer = asked(&ACME, "the server has asked for the client to provide credentials");
    let Passes::Unknown { missing } = &answer.passes else { panic!("{answer:#?}") };
    assert_eq!(missing[0].fill.as_deref(), Some("name it: `--cluster NAME`"));
    let answer = asked(&ACME, &refused("arn:aws:iam::999988887777:role/other", "get", "pods", "", "x"));
    assert!(matches!(answer.passes, Passes::Unknown { .. }) && answer.repair.is_none(), "{answer:#?}");
}

#[test]
fn an_application_says_which_cluster_and_project_it_is_about() {
    let text = r#"time="2026-11-02T08:12:44Z" level=error msg="the server has asked for the client to provide credentials" application=argocd/baseline-prod-eu"#;
    let gone =
        |inventory: &mut Inventory| drop(known(&mut cluster(inventory, EU).access_entries).remove(DEPLOYER));
    let changes = broken(gone, text, "cluster-identity");
    assert!(matches!(&changes[..], [Change::Entry { cluster, .. }] if *cluster == arn(EU)), "{changes:?}");
    let text = format!(
        "time=\"x\" level=error msg=\"no matching service account found for destination server {} and namespace checkout\" application=argocd/baseline-prod-eu",
        endpoint(EU)
    );
    let answer = asked(&ACME, &text);
    assert_eq!(answer.failing().map(|hop| hop.at.as_str()), Some("impersonation"));
    assert!(
        answer.repair.is_none() && answer.failing().unwrap().by.contains("AppProject `platform`"),
        "{answer:#?}"
    );
}

#[test]
fn without_an_argo_cd_it_says_so() {
    let mut inventory = ACME.clone();
    inventory.clusters.remove(&arn(HUB));
    for text in
        [exit_20(EU), NO_ROLE.to_owned(), "permission denied: applications, sync, a/b, sub: ann".to_owned()]
    {
        let answer = asked(&inventory, &text);
        let Passes::Unknown { missing } = &answer.passes else { panic!("{answer:#?}") };
        assert_eq!(missing[0].fill.as_deref(), Some("name its cluster: `--hub NAME`"), "{text}");
    }
}
