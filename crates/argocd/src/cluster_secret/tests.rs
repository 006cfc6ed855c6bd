use super::*;

fn secret(text: &str) -> Secret {
    let mut all = Vec::new();
    manifest::read(&"secret.yaml".into(), text.as_bytes(), &mut |object| {
        all.push(object.unwrap().decode::<Secret>().unwrap());
    });
    all.remove(0)
}

fn with_config(config: &str) -> Result<ClusterSecret, String> {
    let quoted = config.replace('\'', "''");
    ClusterSecret::from_secret(&secret(&format!(
        "apiVersion: v1\nkind: Secret\nmetadata: {{name: c}}\nstringData:\n  name: test\n  server: http://mycluster\n  config: '{quoted}'\n"
    )))
}

#[test]
fn reads_a_secret_of_the_documentation() {
    let text = "\
apiVersion: v1
kind: Secret
metadata:
  name: mycluster-secret
  labels: {argocd.argoproj.io/secret-type: cluster, env: prod}
  annotations: {kubectl.kubernetes.io/last-applied-configuration: '{}', team: payments}
type: Opaque
stringData:
  name: prod
  server: https://ABC.gr7.eu-west-1.eks.amazonaws.com//
  namespaces: ' web , ,db'
  clusterResources: 'true'
  project: payments
  shard: '3'
  config: |
    {\"awsAuthConfig\": {\"clusterName\": \"prod\", \"roleARN\": \"arn:aws:iam::111122223333:role/x\"},
     \"tlsClientConfig\": {\"insecure\": false, \"caData\": \"LS0tLS0=\"}}
";
    let secret = secret(text);
    assert_eq!(secret.secret_type(), Some("cluster"));
    let cluster = ClusterSecret::from_secret(&secret).unwrap();
    assert_eq!(cluster.server, "https://ABC.gr7.eu-west-1.eks.amazonaws.com");
    assert_eq!(cluster.namespaces, ["web", "db"]);
    assert!(cluster.cluster_resources);
    assert_eq!((cluster.project.as_deref(), cluster.shard), (Some("payments"), Some(3)));
    assert_eq!(cluster.labels, BTreeMap::from([("env".to_owned(), "prod".to_owned())]));
    assert_eq!(cluster.annotations, BTreeMap::from([("team".to_owned(), "payments".to_owned())]));
    let Authentication::Aws(aws) = cluster.authentication() else { panic!("aws") };
    assert_eq!(
        (aws.cluster_name.as_str(), aws.role_arn.as_str()),
        ("prod", "arn:aws:iam::111122223333:role/x")
    );
}

#[test]
fn reads_base64_data_as_kubectl_prints_it() {
    let cluster = ClusterSecret::from_secret(&secret(
        "apiVersion: v1\nkind: Secret\nmetadata: {name: c}\ndata:\n  name: dGVzdA==\n  server: aHR0cDovL215Y2x1c3Rlcg==\n  clusterResources: VFJVRQ==\n  shard: eA==\n",
    ))
    .unwrap();
    assert_eq!((cluster.name.as_str(), cluster.server.as_str()), ("test", "http://mycluster"));
    assert!(!cluster.cluster_resources, "only the exact text `true` counts");
    assert_eq!(cluster.shard, None);
    assert_eq!(cluster.authentication(), Authentication::Anonymous);
}

#[test]
fn field_names_are_read_in_any_case_as_go_does() {
    let config = r#"{"AWSAuthConfig": {"roleArn": "arn:aws:iam::111122223333:role/x", "clustername": "c"}}"#;
    let aws = with_config(config).unwrap().config.aws_auth.unwrap();
    assert_eq!((aws.cluster_name.as_str(), aws.role_arn.as_str()), ("c", "arn:aws:iam::111122223333:role/x"));
}

#[test]
fn a_malformed_config_hides_the_cluster_and_its_secrets() {
    for config in [
        "{'tlsClientConfig':{'insecure':false}}",
        r#"{"bearerToken": ["hunter2"]}"#,
        r#"{"password": 2222, "x": "hunter2"}"#,
        r#""hunter2""#,
        r#"{"bearerToken": "hunter2""#,
        r#"{"tlsClientConfig": {"keyData": "hunter2"}}"#,
        r#"{"tlsClientConfig": {"caData": "Y2E"}}"#,
    ] {
        let error = with_config(config).unwrap_err();
        assert!(error.starts_with("failed to unmarshal cluster config: "), "{error}");
        assert!(!error.contains("hunter2") && !error.contains("2222"), "{error}");
    }
}

#[test]
fn null_is_what_go_makes_of_it() {
    assert_eq!(with_config("null").unwrap().config, ClusterConfig::default());
    let config = with_config(
        r#"{"username": "u", "USERNAME": null, "execProviderConfig": {"args": ["a", null], "env": {"A": null}}}"#,
    );
    let config = config.unwrap().config;
    let exec = config.exec.unwrap();
    assert_eq!((config.username.as_str(), exec.args), ("u", vec!["a".to_owned(), String::new()]));
    assert_eq!(exec.env["A"].expose(), "");
}

#[test]
fn certificates_are_base64_as_go_reads_it() {
    for text in ["Y2E=", "Y2F=", "Y2Vy\\r\\ndA=="] {
        let config = format!(r#"{{"tlsClientConfig": {{"caData": "{text}"}}}}"#);
        assert!(with_config(&config).is_ok(), "{text}");
    }
}

#[test]
fn what_is_secret_never_shows() {
    let config = r#"{"username": "u", "password": "hunter2", "bearerToken": "hunter2",
        "tlsClientConfig": {"certData": "hunter2A", "keyData": "hunter2A"},
        "execProviderConfig": {"command": "x", "env": {"TOKEN": "hunter2"}}}"#;
    let cluster = with_config(config).unwrap();
    assert!(!format!("{cluster:?}").contains("hunter2"));
    assert!(format!("{cluster:?}").contains("hidden"));
}

#[test]
fn aws_wins_over_exec_wins_over_what_stands_in_the_secret() {
    let kind = |config: &str| match with_config(config).unwrap().authentication() {
        Authentication::Aws(_) => "aws",
        Authentication::Exec(_) => "exec",
        Authentication::Static => "static",
        _ => "other",
    };
    let (aws, exec, token) =
        (r#""awsAuthConfig": {}"#, r#""execProviderConfig": {"command": "x"}"#, r#""bearerToken": "t""#);
    assert_eq!(kind(&format!("{{{aws}, {exec}, {token}}}")), "aws");
    assert_eq!(kind(&format!("{{{exec}, {token}}}")), "exec");
    assert_eq!(kind(&format!("{{{token}}}")), "static");
}

#[test]
fn in_cluster_ignores_everything_and_an_arn_is_the_capability() {
    let mut cluster = with_config(r#"{"awsAuthConfig": {"clusterName": "x"}}"#).unwrap();
    cluster.server = IN_CLUSTER_SERVER.to_owned();
    assert_eq!(cluster.authentication(), Authentication::InCluster);
    cluster.server = "arn:aws:eks:eu-west-1:111122223333:cluster/prod".to_owned();
    assert!(matches!(cluster.authentication(), Authentication::Capability(arn) if arn.name == "prod"));
}

#[test]
fn printing_and_reading_give_the_same_cluster() {
    let config = r#"{"username":"u","password":"p","bearerToken":"t","tlsClientConfig":{"insecure":true,"serverName":"s","certData":"Yw==","keyData":"aw==","caData":"Y2E="},"awsAuthConfig":{"clusterName":"c","roleARN":"r","profile":"p"},"execProviderConfig":{"command":"x","args":["a"],"env":{"A":"b"},"apiVersion":"client.authentication.k8s.io/v1beta1","installHint":"h","provideClusterInfo":true,"config":{"k":1}},"disableCompression":true,"proxyUrl":"http://proxy"}"#;
    let cluster = ClusterSecret {
        namespaces: vec!["web".into(), "db".into()],
        cluster_resources: true,
        project: Some("payments".into()),
        shard: Some(2),
        labels: BTreeMap::from([("env".into(), "prod".into())]),
        annotations: BTreeMap::from([("team".into(), "a".into())]),
        ..with_config(config).unwrap()
    };
    assert_eq!(cluster.config.to_json().to_string(), config, "in the order in which Argo CD prints it");
    let printed: Secret = serde_json::from_value(cluster.to_manifest("cluster-test", "argocd")).unwrap();
    assert_eq!(ClusterSecret::from_secret(&printed).unwrap(), cluster);
}

#[test]
fn a_capability_secret_has_no_config() {
    let cluster = ClusterSecret {
        server: "arn:aws:eks:eu-west-1:111122223333:cluster/prod".into(),
        name: "prod".into(),
        project: Some("default".into()),
        ..ClusterSecret::default()
    };
    let manifest = cluster.to_manifest("prod", "argocd");
    assert_eq!(
        manifest["stringData"],
        json!({"name": "prod", "server": "arn:aws:eks:eu-west-1:111122223333:cluster/prod", "project": "default"})
    );
}
