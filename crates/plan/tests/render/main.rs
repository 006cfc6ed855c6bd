//! The rendered files of a small fleet, as people read them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod fixture;

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use oarlock_plan::{
    Desired, Object,
    render::{File, Format, render},
};
use proptest::prelude::*;
use serde_json::{Value, json};

/// All files below each other, each under its path; scripts are marked with a star.
fn listing(files: &[File]) -> String {
    files
        .iter()
        .map(|file| {
            format!("==> {}{}\n{}\n", file.path, if file.executable { "*" } else { "" }, file.contents)
        })
        .collect()
}

#[test]
fn kubernetes_files_read_well() {
    insta::assert_snapshot!(
        "kubernetes",
        listing(&render(&fixture::desired(), None, Format::Kubernetes, "acme"))
    );
}

#[test]
fn terraform_files_read_well() {
    insta::assert_snapshot!(
        "terraform",
        listing(&render(&fixture::desired(), None, Format::Terraform, "acme"))
    );
}

#[test]
fn cloudformation_files_read_well() {
    insta::assert_snapshot!(
        "cloudformation",
        listing(&render(&fixture::desired(), None, Format::CloudFormation, "acme"))
    );
}

#[test]
fn aws_cli_files_read_well() {
    let files = render(&fixture::desired(), None, Format::AwsCli, "acme");
    let rendered: Vec<File> = files.into_iter().filter(|file| file.path != "lib.sh").collect();
    insta::assert_snapshot!("aws-cli", listing(&rendered));
}

#[test]
fn every_file_says_where_it_comes_from() {
    for format in Format::ALL {
        for file in render(&fixture::desired(), None, format, "acme\nrm -rf /") {
            let top: String = file.contents.lines().take(3).collect();
            let said = top.contains("Rendered by Oarlock from fleet acme rm -rf /; do not edit");
            // JSON has no comments.
            assert!(said || file.path.ends_with(".json"), "{format}: {}", file.path);
            assert!(
                file.contents.ends_with('\n') && !file.contents.contains('\r'),
                "{format}: {}",
                file.path
            );
        }
    }
}

#[test]
fn paths_stay_inside_the_output_folder_and_apart() {
    for format in Format::ALL {
        let files = render(&fixture::desired(), None, format, "acme");
        let folded: BTreeSet<String> = files.iter().map(|file| file.path.to_ascii_lowercase()).collect();
        assert_eq!(folded.len(), files.len(), "{format}");
        assert!(
            files.iter().all(|file| !file.path.starts_with('/') && !file.path.contains("..")),
            "{format}"
        );
    }
}

/// The documents of all YAML files of one kind of object, in the order of the files.
fn documents(files: &[File]) -> Vec<Value> {
    let manifests = files
        .iter()
        .filter(|file| file.path.ends_with(".yaml") && !file.path.ends_with("kustomization.yaml"));
    manifests.flat_map(|file| serde_saphyr::from_multiple::<Value>(&file.contents).unwrap()).collect()
}

/// A Secret as it is applied: its texts in base64.
fn applied(body: &Value) -> Value {
    let mut body = body.clone();
    if let Some(Value::Object(texts)) = body["stringData"].is_object().then(|| body["stringData"].take()) {
        let encoded =
            texts.iter().map(|(key, text)| (key.clone(), STANDARD.encode(text.as_str().unwrap()).into()));
        body["data"] = Value::Object(encoded.collect());
        body.as_object_mut().unwrap().remove("stringData");
    }
    body
}

#[test]
fn manifests_read_back_as_the_desired_objects() {
    let desired = fixture::desired();
    for format in [Format::Kubernetes, Format::AwsCli] {
        let documents = documents(&render(&desired, None, format, "acme"));
        let mut count = 0;
        for object in &desired.objects {
            if let Object::Kubernetes(object) = &object.object {
                count += 1;
                let wanted = applied(&object.body.value());
                assert!(documents.contains(&wanted), "{format}: {}", object.qualified_name());
            }
        }
        assert_eq!(documents.len(), count, "{format}");
    }
}

#[test]
fn fields_of_other_peoples_objects_are_never_in_the_kustomization() {
    let files = render(&fixture::desired(), None, Format::Kubernetes, "acme");
    for file in files.iter().filter(|file| file.path.ends_with("kustomization.yaml")) {
        assert!(!file.contents.contains("fields/"), "{}", file.path);
    }
    assert!(
        files
            .iter()
            .any(|file| file.path.starts_with("hub/fields/") && file.path.ends_with("-config-map.yaml"))
    );
}

#[test]
fn settings_that_helm_can_make_are_told_once() {
    let desired = fixture::desired();
    let settings = desired.objects.iter().find_map(|object| match &object.object {
        Object::Kubernetes(object) if object.name == "argocd-cm" => Some(object.body.value()["data"].clone()),
        _ => None,
    });
    let values = json!({"configs": {"cm": settings.unwrap()}});
    let said = |format, path: &str, words: &str| {
        let files = render(&desired, Some(&values), format, "acme");
        let file = files.iter().find(|file| file.path == path).unwrap_or_else(|| panic!("{path}"));
        assert!(file.contents.contains(words), "{}", file.contents);
    };
    for format in Format::ALL {
        said(format, "argo-cd-values.yaml", "resource.respectRBAC");
        said(format, "README.md", "argo-cd-values.yaml");
    }
    said(Format::Kubernetes, "README.md", "in place of `hub/fields/02-config-map.yaml`");
    said(
        Format::AwsCli,
        "clusters/hub/kubernetes.sh",
        "apply_unless_helm \"$context\" clusters/hub/kubernetes/02-config-map.yaml",
    );
    said(Format::Terraform, "clusters/hub/kubernetes.tf", "count = var.argo_cd_by_helm ? 0 : 1");
}

#[test]
fn values_without_settings_name_no_switch_that_nothing_declares() {
    let values = json!({"createClusterRoles": false});
    for format in Format::ALL {
        let files = render(&fixture::desired(), Some(&values), format, "acme");
        assert!(files.iter().any(|file| file.path == "argo-cd-values.yaml"));
        let readme = &files.iter().find(|file| file.path == "README.md").unwrap().contents;
        assert!(readme.contains("createClusterRoles"), "{readme}");
        assert!(files.iter().all(|file| !file.contents.contains("argo_cd_by_helm")));
    }
}

#[test]
fn the_hub_comes_after_the_spokes_that_its_secrets_name() {
    let files = render(&fixture::desired(), None, Format::AwsCli, "acme");
    let script = &files.iter().find(|file| file.path == "apply.sh").unwrap().contents;
    let at = |line: &str| script.find(line).unwrap_or_else(|| panic!("{line} is missing"));
    assert!(at("./accounts/111122223333/iam.sh") < at("./accounts/444455556666/iam.sh"));
    assert!(at("./accounts/444455556666/iam.sh") < at("./clusters/prod-us/eks.sh"));
    assert!(at("./clusters/prod-us/eks.sh") < at("./clusters/hub/kubernetes.sh"));
    assert!(at("./clusters/prod-eu/kubernetes.sh") < at("./clusters/hub/kubernetes.sh"));
}

#[test]
fn iam_is_in_one_template_of_an_account_only() {
    let files = render(&fixture::desired(), None, Format::CloudFormation, "acme");
    for file in files.iter().filter(|file| file.path.starts_with("accounts/") && file.path.contains("/eks-"))
    {
        assert!(!file.contents.contains("AWS::IAM::"), "{}", file.path);
    }
}

#[test]
fn policies_of_the_scripts_are_those_of_the_templates() {
    let desired = fixture::desired();
    let scripts = render(&desired, None, Format::AwsCli, "acme");
    let trust = |path: &str| -> Value {
        serde_json::from_str(&scripts.iter().find(|file| file.path == path).unwrap().contents).unwrap()
    };
    let templates = render(&desired, None, Format::CloudFormation, "acme");
    let template =
        &templates.iter().find(|file| file.path == "accounts/111122223333/iam.yaml").unwrap().contents;
    let template: Value = serde_saphyr::from_str(template).unwrap();
    assert_eq!(
        trust("accounts/111122223333/oarlock-hub/trust.json"),
        template["Resources"]["RoleOarlockHub"]["Properties"]["AssumeRolePolicyDocument"]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Any part of the plan renders, also one whose objects need others that are not in it.
    #[test]
    fn any_part_of_a_plan_renders_the_same_each_time(keep in prop::collection::vec(any::<bool>(), 30)) {
        let all = fixture::desired().objects;
        let some: Vec<_> = all.into_iter().zip(keep.into_iter().chain([true; 100])).filter(|(_, keep)| *keep).map(|(object, _)| object).collect();
        let desired = Desired { objects: some };
        for format in Format::ALL {
            prop_assert_eq!(render(&desired, None, format, "acme"), render(&desired, None, format, "acme"));
        }
    }
}
