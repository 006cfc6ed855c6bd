//! `oarlock reach`, on the examples' inventories.

use std::collections::BTreeSet;

use layout::gv::DotParser;
use serde_json::Value;

use crate::run::{Run, oarlock};

const ACME: [&str; 2] = ["-i", "examples/acme/inventory"];

/// Whoever is asked for in these tests, and what of him is somebody's.
const WHO: [&[&str]; 6] = [
    &["argocd"],
    &["argocd:server", "--cluster", "tools"],
    &["sso:platform-on-call"],
    &["arn:aws:iam::777788889999:role/argocd-analytics"],
    &["system:serviceaccount:kube-system:default", "--from", "staging"],
    &["group:nobody", "--cluster", "tools"],
];

fn reach(arguments: &[&str]) -> Run {
    oarlock(&[&["reach"], arguments, &ACME[..]].concat())
}

fn json(who: &[&str]) -> Value {
    let run = reach(&[who, &["-o", "json"]].concat());
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn numbers_tell_written_from_reached_power() {
    let json = json(WHO[0]);
    assert_eq!((&json["kind"], &json["complete"]), (&"Reach".into(), &false.into()));
    let number = |power: &str, name: &str| json[power][name].as_u64().unwrap();
    assert!(number("written", "clusterAdmin") < number("reached", "clusterAdmin"), "{json:#}");
    assert_eq!(number("reached", "clusterAdmin"), 6);
    for name in json["reached"].as_object().unwrap().keys() {
        let [written, reached, possible] =
            ["written", "reached", "possible"].map(|power| number(power, name));
        assert!(written <= reached && reached <= possible, "{name}");
    }
}

/// The way to somebody begins with whoever was taken over, and each step goes on where the one before ended.
#[test]
fn ways_lead_from_whoever_was_taken_over() {
    for who in WHO {
        let json = json(who);
        let steps = json["steps"].as_array().unwrap();
        for (at, principal) in json["principals"].as_array().unwrap().iter().enumerate() {
            let way: Vec<&Value> = principal["way"]
                .as_array()
                .unwrap()
                .iter()
                .map(|step| &steps[usize::try_from(step.as_u64().unwrap()).unwrap()])
                .collect();
            assert!(way.windows(2).all(|pair| pair[0]["to"] == pair[1]["from"]), "{who:?}: {principal}");
            assert!(way.last().is_none_or(|step| step["to"] == at), "{who:?}: {principal}");
            assert!(way.iter().all(|step| !step["by"].as_str().unwrap().is_empty()), "{who:?}: {principal}");
        }
    }
}

/// A parser of Graphviz's language takes the graph, and refuses one with a mistake in it.
#[test]
fn dot_is_read_by_a_parser() {
    for who in WHO {
        let dot = reach(&[who, &["-o", "dot"]].concat()).stdout;
        assert!(DotParser::new(&dot).process().is_ok(), "{dot}");
        let broken = dot.replacen("[label=", "[label", 1);
        assert!(DotParser::new(&broken).process().is_err(), "{broken}");
    }
}

/// Every line of a flowchart is one of few forms, and links name nodes that are there.
#[test]
fn mermaid_links_nodes_that_are_there() {
    let node = regex::Regex::new(r#"^ +(n[0-9]+)\["[^"]+"\]$"#).unwrap();
    let link = regex::Regex::new(r#"^  (n[0-9]+) (?:-->|-\.->)\|"[^"]+"\| (n[0-9]+)$"#).unwrap();
    let other =
        regex::Regex::new(r#"^(%% .*|flowchart LR|  subgraph c[0-9]+\["[^"]+"\]|  end|  class(Def)? .+)$"#)
            .unwrap();
    for who in WHO {
        let text = reach(&[who, &["-o", "mermaid"]].concat()).stdout;
        let nodes: BTreeSet<&str> =
            text.lines().filter_map(|line| Some(node.captures(line)?.get(1)?.as_str())).collect();
        for line in text.lines().filter(|line| !node.is_match(line) && !other.is_match(line)) {
            let ends = link.captures(line).unwrap_or_else(|| panic!("{line}"));
            assert!(nodes.contains(&ends[1]) && nodes.contains(&ends[2]), "{line}");
        }
    }
}

#[test]
fn the_picture_needs_nothing_from_elsewhere() {
    let svg = reach(&["argocd", "-o", "svg"]).stdout;
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    let elsewhere = ["href=", "url(http", "<script", "<style", "@import"];
    assert!(!elsewhere.iter().any(|text| svg.contains(text)), "{svg}");
    let picture = |who: &[&str]| reach(&[who, &["-o", "svg"]].concat()).stdout;
    assert_eq!(picture(WHO[0]), picture(WHO[0]));
}

#[test]
fn whoever_is_nobody_is_refused_with_what_to_say_instead() {
    for (who, says) in [
        (&["group:developers"][..], "name it with `--from`"),
        (&["argocd", "--from", "tools"], "`--from` is for service accounts"),
        (&["somebody"], "`somebody` is nobody who could be taken over"),
        (&["system:serviceaccount:a:b", "--from", "tools"], "`tools` has no service account `a/b`"),
        (&["arn:aws:iam::111122223333:role/no-such"], "has no role `no-such`"),
        (&["argocd", "--cluster", "nowhere"], "the inventory has no cluster `nowhere`"),
    ] {
        let run = reach(who).ended_with(1);
        assert!(run.stderr.contains(says), "{}", run.stderr);
    }
}

#[test]
fn whoever_is_bound_nowhere_reaches_nothing_and_that_is_known() {
    let run = reach(WHO[5]).ended_with(0);
    assert!(!run.stdout.contains("not known"), "{}", run.stdout);
}
