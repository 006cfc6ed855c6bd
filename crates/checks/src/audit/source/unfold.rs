//! Policies that stand as text in a document: in Terraform's plan, in block scalars, and in percent signs as IAM's API returns them.

use super::{Content, Node, Spot, node::Style};

/// Puts the documents in place of their texts.
pub(super) fn unfold(node: &mut Node) {
    let at = node.at;
    match &mut node.content {
        Content::List(items) => items.iter_mut().for_each(unfold),
        Content::Map(entries) => entries.iter_mut().for_each(|(_, value)| unfold(value)),
        Content::Scalar { text, style } => {
            if let Some(policy) = policy(text, *style, at) {
                *node = policy;
            }
        }
        Content::Null | Content::Unknown => {}
    }
}

fn policy(text: &str, style: Style, at: Spot) -> Option<Node> {
    let decoded;
    let text = if text.starts_with("%7B") {
        decoded = String::from_utf8(inventory::percent_decode(text)?).ok()?;
        &decoded
    } else {
        text
    };
    if !text.trim_start().starts_with('{') || !text.contains("\"Statement\"") {
        return None;
    }
    let mut node = Node::parse(text, 1)?;
    match style {
        // A block scalar is where its first line is; how far that is indented isn't known here.
        Style::Block => {
            node.moved(&|spot: Spot| Spot { line: (at.line + spot.line).saturating_sub(1), column: 0 })
        }
        Style::Plain | Style::Quoted => node.moved(&|_| at),
    }
    Some(node)
}
