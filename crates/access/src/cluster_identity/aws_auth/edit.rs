//! Taking a role out of `mapRoles`: its lines go, and everything else stays as it was written.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Zeros, block, items};

/// The elements of the text of `mapRoles` that are about a role, by the ARN that is written there, whatever its case.
pub fn elements_of(text: &str, arn: &str) -> Vec<Value> {
    let (all, own) = read(text, arn);
    all.into_iter().enumerate().filter(|(at, _)| own.contains(at)).map(|(_, element)| element).collect()
}

/// The text without these elements. All of them go: of several the last counts, and without it the one before would.
///
/// None where it isn't certain that the rest then reads as before: the text is no list, or isn't written an element a line and below.
pub fn without(text: &str, arn: &str) -> Option<String> {
    let (all, own) = read(text, arn);
    if own.is_empty() {
        return Some(text.to_owned());
    }
    let rest = all.into_iter().enumerate().filter(|(at, _)| !own.contains(at));
    let rest: Vec<Value> = rest.map(|(_, element)| element).collect();
    let mut kept = String::new();
    let mut element = None;
    let indent = text.lines().find(|line| is_element(line.trim_start())).map(indent)?;
    for line in text.split_inclusive('\n') {
        if indent == self::indent(line) && is_element(line.trim_start()) {
            element = Some(element.map_or(0, |before: usize| before + 1));
        }
        if element.is_none_or(|element| !own.contains(&element)) {
            kept.push_str(line);
        }
    }
    if rest.is_empty() {
        kept.push_str("[]\n");
    }
    let read_again = block(Some(&Value::String(kept.clone())), Zeros::Number);
    (read_again.problem.is_none() && read_again.items == rest).then_some(kept)
}

/// All elements, and the places of those about the role.
fn read(text: &str, arn: &str) -> (Vec<Value>, BTreeSet<usize>) {
    let all = block(Some(&Value::String(text.to_owned())), Zeros::Number);
    let read = items(all.clone(), "rolearn");
    let own = read.items.iter().filter(|item| !item.arn.is_empty() && item.arn.eq_ignore_ascii_case(arn));
    (all.items, own.map(|item| item.index).collect())
}

fn is_element(line: &str) -> bool {
    line.starts_with("- ") || line.trim_end() == "-"
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODES: &str = "\
# Nodes first
- rolearn: arn:aws:iam::111122223333:role/nodes
  username: system:node:{{EC2PrivateDNSName}}
  groups:
  - system:bootstrappers
  - system:nodes
";
    const ARGO_CD: &str = "\
- groups: [system:masters]
  rolearn: arn:aws:iam::111122223333:role/ArgoCD
  username: argocd
";
    const OTHER: &str = "\
- rolearn: arn:aws:iam::111122223333:role/people # who is on call
  username: 'on-call'
  unknown: {kept: 007}
";
    const ROLE: &str = "arn:aws:iam::111122223333:role/argocd";

    #[test]
    fn a_roles_lines_go_and_all_others_stay_as_they_are() {
        let text = format!("{NODES}{ARGO_CD}{OTHER}");
        assert_eq!(without(&text, ROLE).unwrap(), format!("{NODES}{OTHER}"));
        assert_eq!(elements_of(&text, ROLE).len(), 1);
        // The last one counts, and the one before it would then.
        assert_eq!(without(&format!("{ARGO_CD}{OTHER}{ARGO_CD}"), ROLE).unwrap(), OTHER);
        assert_eq!(without(ARGO_CD, ROLE).unwrap(), "[]\n");
        assert_eq!(without(OTHER, ROLE).unwrap(), OTHER);
        let indented: String = text.lines().map(|line| format!("  {line}\n")).collect();
        assert!(!without(&indented, ROLE).unwrap().contains("argocd"));
    }

    #[test]
    fn what_is_not_written_line_by_line_is_not_touched() {
        let flow = format!("[{{rolearn: {ROLE}, username: argocd}}, {{rolearn: other, username: x}}]");
        assert_eq!(elements_of(&flow, ROLE).len(), 1);
        assert_eq!(without(&flow, ROLE), None);
        let anchored =
            format!("- &a\n  rolearn: {ROLE}\n  username: argocd\n- rolearn: other\n  extra: *a\n");
        assert_eq!(without(&anchored, ROLE), None);
        let text_in_text = format!("- rolearn: {ROLE}\n  username: |\n- rolearn: x\n");
        let edited = without(&text_in_text, ROLE);
        assert!(edited.is_none_or(|edited| elements_of(&edited, "x").len() == 1));
    }
}
