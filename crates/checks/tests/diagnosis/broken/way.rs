//! The way to a cluster: cluster Secrets, roles of pods, roles that are assumed, access entries.

use super::*;

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
    let text = changes[0].text(Form::Cli, &ClusterNames::default());
    assert!(
        text.starts_with("aws ${OARLOCK_PROFILE_444455556666:+")
            && text.contains(" eks delete-access-entry "),
        "{text}"
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
        let map = maps.iter_mut().find(|map| map.name == "aws-auth").unwrap();
        map.body.edit()["data"]["mapRoles"] = json!("[]");
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

#[test]
fn a_cluster_that_is_managed_by_namespaces_gets_what_is_lacking() {
    let namespaced = |inventory: &mut Inventory| {
        body(inventory, "secrets", "cluster-staging-us")["data"]["namespaces"] = "Y2hlY2tvdXQ=".into();
    };
    let beside = format!("level=error server={} msg=", endpoint(STAGING));
    for (text, wanted, value) in [
        (
            r#"cluster level ClusterRole \"viewer\" can not be managed when in namespaced mode"#,
            SecretField::ClusterResources,
            "true",
        ),
        (
            r#"namespace \"web\" for Deployment \"front\" is not managed"#,
            SecretField::Namespaces,
            "checkout,web",
        ),
    ] {
        let changes =
            broken(namespaced, &format!("{beside}\"Failed to load live state: {text}\""), "cluster-secret");
        assert!(
            matches!(&changes[..], [Change::Secret { field, value: Some(own), .. }] if *field == wanted && own == value),
            "{changes:?}"
        );
    }
}

#[test]
fn a_role_that_isn_t_there_or_the_pods_own_is_the_cluster_secret_s_fault() {
    let session = "arn:aws:sts::111122223333:assumed-role/argocd-management/eks-hub-argocd-appl-4b8a6a4e";
    for wrong in ["arn:aws:iam::444455556666:role/argocd-deployers", MANAGEMENT] {
        let named = |inventory: &mut Inventory| {
            config(inventory, "cluster-payments-prod-eu", |config| {
                config["awsAuthConfig"]["roleARN"] = json!(wrong)
            });
        };
        let text = format!(
            "User: {session} is not authorized to perform: sts:AssumeRole on resource: {wrong} because no identity-based policy allows the sts:AssumeRole action"
        );
        let changes = broken(named, &text, "assume-role");
        assert!(
            matches!(&changes[..], [Change::Secret { field: SecretField::RoleArn, .. }, ..]),
            "{wrong}: {changes:?}"
        );
    }
}
