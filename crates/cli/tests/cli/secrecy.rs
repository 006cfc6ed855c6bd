//! No credential comes out: of Secrets in the inventory and in manifests, nothing but what is open reaches any output.

use std::{fs, path::Path};

use serde_json::{Map, Value, json};

use crate::run::{Run, argument, files, oarlock};

/// In every secret value of these tests, and nowhere else.
const MARK: &str = "hunter2";
const HUB: &str = "inventory/clusters/111122223333/eu-west-1/hub";
const SERVER: &str = "https://PROD.gr7.us-east-1.eks.amazonaws.com";

const FLEET: &str = "apiVersion: oarlock.dev/v1alpha1
kind: Fleet
metadata: {name: acme}
spec:
  hub: {arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/hub', argocd: {version: '3.5'}}
  clusters:
  - arn: arn:aws:eks:us-east-1:444455556666:cluster/prod
    endpoint: https://PROD.gr7.us-east-1.eks.amazonaws.com
    certificateAuthority: LS0tLS1CRUdJTi0tLS0tCg==
  - arn: arn:aws:eks:us-east-1:444455556666:cluster/second
    endpoint: https://SECOND.gr7.us-east-1.eks.amazonaws.com
    certificateAuthority: LS0tLS1CRUdJTi0tLS0tCg==
  applications:
  - {path: apps.yaml, manifests: rendered}
";

const APPLICATIONS: &str = "apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web
  namespace: argocd
  annotations: {kubectl.kubernetes.io/last-applied-configuration: '{\"password\":\"hunter2-annotation\"}'}
spec:
  project: default
  source:
    repoURL: https://me:hunter2-source@git-codecommit.eu-west-1.amazonaws.com/v1/repos/web
    path: deploy
    helm: {parameters: [{name: password, value: hunter2-parameter}], values: 'token: hunter2-values'}
  destination: {name: prod, namespace: web}
";

const MANIFESTS: &str = "apiVersion: v1
kind: Secret
metadata:
  name: database
  annotations: {kubectl.kubernetes.io/last-applied-configuration: '{\"data\":\"hunter2-applied\"}'}
data: {password: aHVudGVyMi1kYXRh}
stringData: {token: hunter2-string}
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Secret, metadata: {name: tls}, stringData: {tls.key: hunter2-key}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {url: 'postgres://me:hunter2-map@db'}
";

/// A fleet whose inventory and manifests hold a secret in every place that may have one.
fn fleet(folder: &Path) {
    let put = |path: &str, text: &str| {
        let file = folder.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    };
    put("fleet.yaml", FLEET);
    put("apps.yaml", APPLICATIONS);
    put("rendered/web.yaml", MANIFESTS);
    put(&format!("{HUB}/kubernetes/secrets.json"), &list(&secrets()));
    let settings =
        json!({"dex.config": "clientSecret: hunter2-dex", "oidc.config": "clientSecret: hunter2-oidc"});
    let cm = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata("argocd-cm", ""), "data": settings});
    put(&format!("{HUB}/kubernetes/configmaps.json"), &list(&[cm]));
}

fn list(items: &[Value]) -> String {
    json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string()
}

fn metadata(name: &str, kind: &str) -> Value {
    let applied = json!({"data": {"password": "hunter2-last-applied"}}).to_string();
    let mut metadata = json!({"name": name, "namespace": "argocd",
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": applied}});
    if !kind.is_empty() {
        metadata["labels"] = json!({"argocd.argoproj.io/secret-type": kind});
    }
    metadata
}

fn secret(name: &str, kind: &str, data: &[(&str, &str)]) -> Value {
    let data: Map<String, Value> =
        data.iter().map(|(key, text)| ((*key).to_owned(), base64(text).into())).collect();
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata(name, kind), "data": data})
}

fn secrets() -> Vec<Value> {
    let config = json!({
        "username": "hunter2-user", "password": "hunter2-password", "bearerToken": "hunter2-token", "unknown": "hunter2-unknown",
        "tlsClientConfig": {"certData": base64("hunter2-cert"), "keyData": base64("hunter2-key-data"), "caData": "Y2E="},
        "execProviderConfig": {"command": "plugin", "args": ["--token=hunter2-arg"], "env": {"TOKEN": "hunter2-env"},
            "installHint": "hunter2-hint", "config": {"token": "hunter2-config"}},
    })
    .to_string();
    let other_names =
        json!({"BearerToken": "hunter2-case", "proxyUrl": "http://me:hunter2-proxy@proxy"}).to_string();
    let second = "https://SECOND.gr7.us-east-1.eks.amazonaws.com";
    let repository = [
        ("url", "https://me:hunter2-url@git.example/acme"),
        ("username", "hunter2-name"),
        ("password", "hunter2-repository"),
        ("bearerToken", "hunter2-bearer"),
        ("sshPrivateKey", "hunter2-ssh"),
        ("tlsClientCertData", "hunter2-client-cert"),
        ("tlsClientCertKey", "hunter2-client-key"),
        ("githubAppPrivateKey", "hunter2-github"),
        ("githubAppID", "12"),
        ("gcpServiceAccountKey", "hunter2-gcp"),
        ("azureServicePrincipalClientSecret", "hunter2-azure"),
    ];
    vec![
        secret("prod", "cluster", &[("name", "prod"), ("server", SERVER), ("config", &config)]),
        secret("second", "cluster", &[("name", "second"), ("server", second), ("config", &other_names)]),
        secret("git", "repository", &repository),
        secret("other", "repo-creds", &[("url", "https://git.example"), ("password", "hunter2-template")]),
        secret("scm", "scm-creds", &[("token", "hunter2-scm")]),
        secret(
            "argocd-secret",
            "",
            &[("admin.password", "hunter2-admin"), ("server.secretkey", "hunter2-server")],
        ),
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata("written", ""),
            "stringData": {"password": "hunter2-written"}}),
    ]
}

/// Standard base64 with padding (RFC 4648).
fn base64(text: &str) -> String {
    let alphabet: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['+', '/']).collect();
    let encode = |bytes: &[u8]| {
        let word = bytes
            .iter()
            .chain([0; 2].iter())
            .take(3)
            .fold(0_usize, |word, byte| word << 8 | usize::from(*byte));
        let digits = [18, 12, 6, 0].map(|shift| alphabet[word >> shift & 63]);
        let length = bytes.len() + 1;
        digits.iter().take(length).chain(['='; 2].iter().take(4 - length)).collect::<String>()
    };
    text.as_bytes().chunks(3).map(encode).collect()
}

/// The mark, and how it starts in base64.
#[track_caller]
fn holds_nothing(what: &str, text: &str) {
    let encoded = base64(MARK);
    for secret in [MARK, encoded.trim_end_matches('=').get(..9).unwrap()] {
        if let Some(at) = text.find(secret) {
            panic!("{what} has a secret: …{}…", text.get(at.saturating_sub(60)..at + 30).unwrap_or(secret));
        }
    }
}

#[track_caller]
fn says_nothing(what: &str, run: &Run) {
    holds_nothing(&format!("stdout of {what}"), &run.stdout);
    holds_nothing(&format!("stderr of {what}"), &run.stderr);
    assert!(!run.stdout.is_empty() || !run.stderr.is_empty(), "{what} says nothing at all");
}

#[test]
fn the_test_would_find_a_secret() {
    assert_eq!(["", "h", "hu", "hun", "hunter2-"].map(base64), ["", "aA==", "aHU=", "aHVu", "aHVudGVyMi0="]);
    let text = list(&secrets());
    assert!(std::panic::catch_unwind(|| holds_nothing("the inventory", &text)).is_err());
}

#[test]
fn no_plan_and_no_rendering_holds_a_credential() {
    let folder = tempfile::tempdir().unwrap();
    fleet(folder.path());
    let path = |name: &str| argument(&folder.path().join(name)).to_owned();
    let (fleet, inventory, saved) = (path("fleet.yaml"), path("inventory"), path("plan.json"));
    let plan = ["plan", "-f", &fleet, "-i", &inventory];
    for more in [&[][..], &["--adopt"], &["-o", "json"], &["-o", "matrix"], &["--adopt", "-o", "json"]] {
        says_nothing(&format!("plan {more:?}"), &oarlock(&[&plan, more].concat()));
    }
    says_nothing("plan --out", &oarlock(&[&plan[..], &["--out", &saved]].concat()));
    let text = fs::read_to_string(&saved).unwrap();
    holds_nothing("plan.json", &text);
    assert!(text.contains("execProviderConfig"), "the live Secret is compared");
    assert!(text.contains("source-cannot-use-iam"), "the Application's URL is told");
    for more in [&["show", saved.as_str()][..], &["show", &saved, "-o", "json"]] {
        says_nothing("show", &oarlock(more));
    }
    for format in ["kubernetes", "terraform", "cloudformation", "aws-cli"] {
        let out = path(format);
        let run = oarlock(&["render", "-f", &fleet, "-i", &inventory, "--format", format, "--out-dir", &out]);
        says_nothing(&format!("render {format}"), &run);
        let written = files(Path::new(&out));
        assert!(!written.is_empty(), "{format}: {}", run.stderr);
        written.iter().for_each(|(name, text)| holds_nothing(&format!("{format}/{name}"), text));
    }
}

#[test]
fn no_needs_hold_a_credential() {
    let folder = tempfile::tempdir().unwrap();
    fleet(folder.path());
    let rendered = argument(&folder.path().join("rendered")).to_owned();
    for output in ["table", "json", "yaml"] {
        says_nothing(output, &oarlock(&["needs", &rendered, "-o", output]));
    }
    let old = folder.path().join("old");
    fs::create_dir(&old).unwrap();
    says_nothing("--against", &oarlock(&["needs", &rendered, "--against", argument(&old), "-o", "markdown"]));
}

/// Plans with a file that has the mark at the very place that there is something to say of.
#[track_caller]
fn plan_with(file: &str, text: &str) -> Run {
    let folder = tempfile::tempdir().unwrap();
    fleet(folder.path());
    fs::write(folder.path().join(file), text).unwrap();
    let path = |name: &str| argument(&folder.path().join(name)).to_owned();
    let run = oarlock(&["plan", "-f", &path("fleet.yaml"), "-i", &path("inventory")]);
    says_nothing(&format!("a plan with {file}: {text}"), &run);
    run
}

#[track_caller]
fn refused(file: &str, text: &str) {
    let run = plan_with(file, text);
    assert_eq!(run.status, 1, "nobody tells what is wrong with {text}");
}

#[test]
fn no_error_quotes_a_credential_of_the_inventory() {
    let file = format!("{HUB}/kubernetes/secrets.json");
    let prod = |data: Value| {
        list(&[
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata("prod", "cluster"), "data": data}),
        ])
    };
    // Argo CD, too, only passes over a Secret whose values it can't read.
    plan_with(&file, &prod(json!({"server": base64(SERVER), "config": "hunter2 is no base64"})));
    plan_with(&file, &prod(json!({"server": base64(SERVER), "config": base64("{\"bearerToken\": hunter2")})));
    plan_with(
        &file,
        &prod(json!({"server": base64(SERVER), "config": base64("{\"bearerToken\": [\"hunter2\"]}")})),
    );
    plan_with(&file, &prod(json!("hunter2")));
    plan_with(&file, &prod(json!(["hunter2"])));
    refused(&file, "{\"apiVersion\": \"v1\", \"kind\": \"Secret\", \"metadata\": \"hunter2\"}");
    refused(&file, "{\"apiVersion\": \"v1\", \"kind\": \"Secret\", \"data\": {\"password\": \"hunter2}");
    refused(&file, "kind: Secret\nmetadata: {name: a\ndata: {password: hunter2}\n");
}

#[test]
fn no_error_quotes_a_credential_of_a_manifest() {
    for text in [
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {password: {hunter2: }\n",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  password: \"hunter2\n",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  password: *hunter2\n",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  password: a\n  password: !hunter2 {\n",
        "apiVersion: v1\nkind: Secret\nmetadata: hunter2\n",
        "apiVersion: v1\n\"kind\" : 'Secret'\nmetadata: {name: [hunter2]}\nstringData: {}\n",
        "stringData: {password: hunter2}\nmetadata: {name: a}\nkind: Secret\napiVersion: {}\n",
        "kind: List\nitems:\n- kind: Secret\n  stringData: {password: hunter2, tls: [}\n",
        "kind: List\napiVersion: v1\nitems:\n- kind: Secret\n  stringData: {password: hunter2}\n",
    ] {
        refused("rendered/web.yaml", text);
    }
}
