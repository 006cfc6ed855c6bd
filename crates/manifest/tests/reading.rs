//! Manifests as people write them, from raw text to objects and problems.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::{collections::BTreeMap, fmt::Write, sync::Arc};

use facts::Problem;
use oarlock_manifest::{Located, Object, read};
use serde::Deserialize;

/// What reading a text gives, as people would list it.
fn listing(name: &str, text: &str) -> String {
    let mut out = String::new();
    read(&Arc::from(name), text.as_bytes(), &mut |object| match object {
        Ok(o) => {
            let name = o.metadata.name.as_deref().or(o.metadata.generate_name.as_deref()).unwrap_or("-");
            let namespace = o.metadata.namespace.as_deref().unwrap_or("-");
            writeln!(out, "{} {} {} {namespace}/{name}", o.place, o.api_version, o.kind).unwrap();
        }
        Err(problem) => {
            writeln!(out, "{problem}").unwrap();
            if let Some(help) = problem.help {
                writeln!(out, "    help: {help}").unwrap();
            }
        }
    });
    out
}

fn decode_all<T: serde::de::DeserializeOwned>(name: &str, text: &str) -> Vec<Result<T, Problem>> {
    let mut all = Vec::new();
    read(&Arc::from(name), text.as_bytes(), &mut |object: Result<Object<'_>, _>| {
        all.push(object.and_then(|object| object.decode()));
    });
    all
}

#[test]
fn reads_real_streams_with_all_their_mess() {
    let text = "\u{feff}# comment only\n---\n---\n# Source: chart/templates/a.yaml\napiVersion: v1\nkind: ConfigMap\n\
        metadata: {name: a, namespace: x}\n--- # why\nnull\n---\napiVersion: batch/v1\nkind: Job\n\
        metadata:\n  generateName: run-\n  annotations:\n    on: true\n    n: 1.10\n    none:\n...\n%YAML 1.2\n---\n\
        kind: Pod\napiVersion: v1\nmetadata: {name: 012}\n--- {apiVersion: v1, kind: Service}\n";
    insta::assert_snapshot!(listing("mess.yaml", text), @"
    mess.yaml:5:1 v1 ConfigMap x/a
    mess.yaml:11:1 batch/v1 Job -/run-
    mess.yaml:22:1 v1 Pod -/012
    mess.yaml:25:5 v1 Service -/-
    ");
    assert_eq!(listing("m", text).lines().count(), listing("m", &text.replace('\n', "\r\n")).lines().count());
}

#[test]
fn one_malformed_document_is_one_problem_and_the_next_are_read() {
    let text = "apiVersion: v1\nkind: A\nmetadata:\n\tname: x\n---\napiVersion: v1\nkind: B\n---\nkind: C\n  x: 1\n---\n\
        kind: D\nkind: D\n---\na: [1\n---\nspec: &a [*b]\n---\napiVersion: v1\nkind: E\n";
    insta::assert_snapshot!(listing("bad.yaml", text));
}

#[test]
fn says_what_is_no_object() {
    let text = "- a\n---\njust text\n---\n12\n---\nreplicas: 1\n---\nkind: Pod\nmetadata: {name: x}\n---\n\
        apiVersion: v1\n---\napiVersion: v1\nkind:\n---\n{kind: List, apiVersion: v1, items: [1, null, {kind: X}]}\n\
        ---\napiVersion: v1\nkind: Pod\nmetadata: text\n---\napiVersion: v1\nkind: Pod\nmetadata: {annotations: {a: {b: c}}}\n\
        ---\napiVersion: v1\nkind: Pod\nmetadata: [a]\n---\napiVersion: [v1]\nkind: Pod\n---\napiVersion: v1\nkind: Pod\n1: &x {? [a] : b}";
    insta::assert_snapshot!(listing("none.yaml", text));
}

#[test]
fn recognises_a_template_that_nobody_rendered() {
    let text = "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Release.Name }}\n---\n\
        {{- if .Values.x }}\napiVersion: v1\nkind: Service\n{{- end }}\n---\napiVersion: v1\nkind: Pod\nspec:\n  n: {{ .Values.n }}\n\
        ---\napiVersion: v1\nkind: Rule\nspec: {text: \"{{ $labels.pod }}\"}\n";
    insta::assert_snapshot!(listing("chart.yaml", text));
}

#[test]
fn items_of_lists_are_objects_at_their_own_places() {
    let text = "apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: A\n  metadata: {name: a}\n-   # comment\n  kind: B\n  apiVersion: v1\n\
        - apiVersion: v1\n  kind: List\n  items:\n    - {apiVersion: v1, kind: C}\nkind: List\n---\n\
        apiVersion: apps/v1\nkind: DeploymentList\nmetadata: {resourceVersion: \"1\"}\nitems:\n  - metadata:\n      name: d\n---\n\
        apiVersion: v1\nkind: List\nitems:\n---\napiVersion: x/v1\nkind: AllowList\nitems: many\n---\napiVersion: x/v1\nkind: Box\nitems: [{a: 1}]\n";
    insta::assert_snapshot!(listing("list.yaml", text), @"
    list.yaml:3:3 v1 A -/a
    list.yaml:7:3 v1 B -/-
    list.yaml:12:7 v1 C -/-
    list.yaml:19:5 apps/v1 Deployment -/d
    list.yaml:26:1 x/v1 AllowList -/-
    list.yaml:30:1 x/v1 Box -/-
    ");
}

#[test]
fn json_is_read_as_one_object_as_a_list_or_several_in_a_row() {
    let list = r#"{"apiVersion": "v1", "kind": "List", "items": [
      {"apiVersion": "v1", "kind": "A", "metadata": {"name": "ä", "labels": null}},  {"apiVersion": "v1", "kind": "B"}
    ]}
{"apiVersion": "v1", "kind": "PodList", "items": [{"metadata": {"name": "p"}}]} {"kind": "C"}"#;
    insta::assert_snapshot!(listing("l.json", list), @"
    l.json:2:7 v1 A -/ä
    l.json:2:86 v1 B -/-
    l.json:4:51 v1 Pod -/p
    l.json:4:81: this C has no `apiVersion`
        help: every Kubernetes object names its `apiVersion` and `kind`; keep other files (Helm values, for example) out
    ");
    insta::assert_snapshot!(listing("flow.yaml", "{apiVersion: v1, kind: A}\n---\n{\"apiVersion\": \"v1\", \"kind\": \"B\"}\n"), @"
    flow.yaml:1:1 v1 A -/-
    flow.yaml:3:1 v1 B -/-
    ");
    insta::assert_snapshot!(listing("broken.json", "{\"apiVersion\": \"v1\",\n \"kind\": }"), @"broken.json:2:10: malformed JSON: expected value");
    insta::assert_snapshot!(listing("type.json", "{\"apiVersion\": \"v1\", \"kind\": \"A\",\n  \"metadata\": {\"name\": [1]}}"), @"type.json:2:24: a text is expected here");
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Typed {
    api_version: String,
    kind: String,
    #[serde(default)]
    account: Option<String>,
    #[serde(default)]
    numbers: BTreeMap<String, Located<u32>>,
}

#[test]
fn decoding_tells_the_true_place_in_documents_lists_and_json() {
    let text = "# one\n---\napiVersion: v1\nkind: A\naccount: 012345678901\n---\napiVersion: v1\nkind: List\nitems:\n\
        - apiVersion: v1\n  kind: B\n  numbers: {a: 1, b: 2}\n- apiVersion: v1\n  kind: C\n  numbers:\n    a: x\n\
        -\n  apiVersion: v1\n  kind: D\n  acount: 1\n";
    let all = decode_all::<Typed>("t.yaml", text);
    assert_eq!(all[0].as_ref().unwrap().account.as_deref(), Some("012345678901"));
    let second = all[1].as_ref().unwrap();
    assert_eq!(
        (second.numbers["b"].value, second.numbers["b"].line, second.numbers["b"].column),
        (2, 12, 22)
    );
    assert_eq!(all[2].as_ref().unwrap_err().place.to_string(), "t.yaml:16:8");
    let last = all[3].as_ref().unwrap_err();
    assert_eq!(last.to_string(), "t.yaml:20:3: unknown field `acount`");
    assert_eq!(last.help.as_deref(), Some("did you mean `account`?"));

    let json = "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [\n  {\"apiVersion\": \"v1\", \"kind\": \"A\", \"numbers\": {\"é\": 7}},\n\
        \x20 {\"apiVersion\": \"v1\", \"kind\": \"A\", \"numbers\": {\"é\": -7}}]}";
    let all = decode_all::<Typed>("t.json", json);
    let number = &all[0].as_ref().unwrap().numbers["é"];
    assert_eq!((number.value, number.line, number.column), (7, 2, 54));
    assert_eq!(all[1].as_ref().unwrap_err().place.to_string(), "t.json:3:54");
}

#[test]
fn anchors_and_merge_keys_work_even_across_items() {
    let text = "apiVersion: v1\nkind: List\nitems:\n- &a\n  apiVersion: v1\n  kind: A\n  account: &n \"1\"\n\
        - <<: *a\n  kind: B\n- {apiVersion: v1, kind: C, account: *n}\n- *a\n";
    let all: Vec<_> = decode_all::<Typed>("a.yaml", text).into_iter().map(|t| t.unwrap()).collect();
    let seen: Vec<_> = all.iter().map(|t| (t.kind.as_str(), t.account.as_deref())).collect();
    assert_eq!(seen, [("A", Some("1")), ("B", Some("1")), ("C", Some("1")), ("A", Some("1"))]);
}

#[test]
fn a_billion_laughs_is_one_problem() {
    let mut text = "apiVersion: v1\nkind: A\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..12 {
        writeln!(text, "a{n}: &a{n} [{}]", vec![format!("*a{}", n - 1); 10].join(", ")).unwrap();
    }
    let out = listing("laughs.yaml", &text);
    assert!(out.contains("the anchors hold more than a million values"), "{out}");
    assert_eq!(out.lines().count(), 1);
}

#[test]
fn nesting_without_end_is_one_problem_and_no_crash() {
    for open in ["[", "{a: ", "- ", "[{"] {
        let text = format!("apiVersion: v1\nkind: A\nx:\n  {}", open.repeat(100_000));
        let out = listing("deep.yaml", &text);
        assert_eq!(out.lines().filter(|line| !line.trim_start().starts_with("help: ")).count(), 1, "{open}");
    }
    let json = format!(
        "{{\"apiVersion\": \"v1\", \"kind\": \"A\", \"x\": {}1{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert_eq!(listing("deep.json", &json).lines().count(), 1);
}

#[test]
fn a_big_file_is_read_whole() {
    let mut text = String::new();
    for n in 0..20_000 {
        writeln!(
            text,
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{n}}}\ndata: {{a: b, c: d, e: [1, 2]}}"
        )
        .unwrap();
    }
    let mut last = None;
    let mut count = 0;
    read(&Arc::from("big.yaml"), text.as_bytes(), &mut |object| {
        count += 1;
        last = Some(object.unwrap().place.line);
    });
    assert_eq!((count, last), (20_000, Some(99_997)));
    let one = format!(
        "apiVersion: v1\nkind: A\ndata:\n{}",
        (0..100_000).fold(String::new(), |t, n| t + &format!("  k{n}: v\n"))
    );
    assert_eq!(listing("one.yaml", &one).trim(), "one.yaml:1:1 v1 A -/-");
}

#[test]
fn decoding_all_items_of_a_long_list_takes_linear_time() {
    let items = (0..20_000)
        .fold(String::new(), |t, n| t + &format!("- apiVersion: v1\n  kind: A\n  account: \"{n}\"\n"));
    let text = format!("apiVersion: v1\nkind: List\nitems:\n{items}");
    let all = decode_all::<Typed>("long.yaml", &text);
    assert_eq!(all[4_999].as_ref().unwrap().account.as_deref(), Some("4999"));
}

#[test]
fn text_that_is_not_utf8_is_one_problem_with_its_line() {
    let mut seen = Vec::new();
    let bytes = b"apiVersion: v1\nkind: A\n---\napiVersion: v1\nkind: \xff\n---\napiVersion: v1\nkind: B\n";
    read(&Arc::from("x.yaml"), bytes, &mut |o| seen.push(o.map(|o| o.kind).map_err(|p| p.to_string())));
    assert_eq!(
        seen,
        [Ok("A".to_owned()), Err("x.yaml:5: the text is not UTF-8".to_owned()), Ok("B".to_owned())]
    );
}

#[test]
fn parse_reads_one_document_and_names_the_nearest_field() {
    let file = Arc::from("f.yaml");
    let parsed: Typed = oarlock_manifest::parse(
        &file,
        b"# top\n---\napiVersion: v1\nkind: A\naccount: 012345678901\nnumbers:\n  a: 3\n",
    )
    .unwrap();
    assert_eq!(parsed.account.as_deref(), Some("012345678901"));
    assert_eq!(parsed.numbers["a"].place(&file).to_string(), "f.yaml:7:6");
    let wrong = |text: &str| {
        let problem = oarlock_manifest::parse::<Typed>(&file, text.as_bytes()).unwrap_err();
        format!("{problem} | {}", problem.help.as_deref().unwrap_or_default())
    };
    insta::assert_snapshot!(
        [
            wrong("apiVersion: v1\nkinds: A\n"),
            wrong("apiVersion: v1\n"),
            wrong("kind: [A]\n"),
            wrong("kind: A\nkind: B\n"),
            wrong(""),
            wrong("a: 1\n---\nb: 2\n"),
            wrong("- x\n"),
            wrong("zzzzz: 1\n"),
            wrong("kind:\n"),
            wrong("{\"kind\": 1,"),
            wrong("apiVersion: v1\nkind: A\nnumbers: {x: many}\n"),
            wrong("apiVersion: v1\nkind: A\nnumbers: [1]\n"),
        ]
        .join("\n")
    );
}
