//! The graph as a picture: layers from left to right, by the number of steps. The text is the same for the same input, and nothing
//! comes from elsewhere.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, btree_map::Entry},
    fmt::Write as _,
};

use super::graph::{Graph, Link, Node};
use crate::view::markup::{self, cut};

const BOX: (usize, usize) = (250, 44);
const STEP: (usize, usize) = (360, 62);
const TOP: usize = 70;
const LEFT: usize = 20;
/// Letters that fit into a box.
const LETTERS: usize = 33;
/// More labels than this would lie over each other.
const LABELS: usize = 40;
/// How often layers are sorted by their neighbours.
const SWEEPS: usize = 4;

/// One self-contained document.
pub(crate) fn text(who: &str, graph: &Graph) -> String {
    let layers = layers(graph);
    let places = places(&layers);
    let tallest = layers.iter().map(Vec::len).max().unwrap_or_default();
    let (width, height) = (LEFT * 2 + layers.len().max(1) * STEP.0, TOP + 20 + tallest.max(1) * STEP.1);
    let mut text = opening(who, graph, width.max(720), height);
    for link in &graph.links {
        draw_link(&mut text, graph, link, &places);
    }
    for (id, node) in graph.nodes.iter().enumerate() {
        draw_node(&mut text, node, places.get(&id).copied().unwrap_or_default());
    }
    text.push_str("</svg>\n");
    text
}

fn opening(who: &str, graph: &Graph, width: usize, height: usize) -> String {
    let notes = graph.notes().join(" ");
    let (who, notes) = (escaped(who), escaped(&notes));
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-labelledby="title desc" font-family="system-ui, sans-serif" font-size="12" fill="#1a1a1a">
<title id="title">What {who} reaches</title>
<desc id="desc">Layers from left to right by the number of steps. {notes}</desc>
<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="#55606b"/></marker></defs>
<rect width="{width}" height="{height}" fill="#ffffff"/>
<text x="{LEFT}" y="28" font-size="18" font-weight="bold">What {who} reaches</text>
<text x="{LEFT}" y="48" fill="#444444">Bold: what was taken over. Dashed: what may be reached. {notes}</text>
"##
    )
}

/// The nodes by the number of steps, in an order in which few links cross.
fn layers(graph: &Graph) -> Vec<Vec<usize>> {
    let depth = depths(graph);
    let deepest = depth.values().max().map_or(0, |deepest| deepest + 1);
    let mut layers = vec![Vec::new(); deepest];
    for id in 0..graph.nodes.len() {
        let own = depth.get(&id).copied().unwrap_or_default();
        layers.get_mut(own).into_iter().for_each(|layer| layer.push(id));
    }
    for sweep in 0..SWEEPS {
        let rank: BTreeMap<usize, usize> =
            layers.iter().flat_map(|layer| layer.iter().enumerate().map(|(rank, id)| (*id, rank))).collect();
        let forward = sweep % 2 == 0;
        for layer in &mut layers {
            let mut keyed: Vec<(usize, usize, usize)> = layer
                .iter()
                .enumerate()
                .map(|(at, id)| (middle(graph, &rank, *id, forward, at), at, *id))
                .collect();
            keyed.sort_unstable();
            *layer = keyed.into_iter().map(|(_, _, id)| id).collect();
        }
    }
    layers
}

/// Shortest ways from whoever nothing leads to, or was first.
fn depths(graph: &Graph) -> BTreeMap<usize, usize> {
    let is_reached = |id: usize| graph.links.iter().any(|link| link.to == id);
    let starts = (0..graph.nodes.len()).filter(|id| *id == 0 || !is_reached(*id));
    let mut depth: BTreeMap<usize, usize> = starts.map(|id| (id, 0)).collect();
    let mut layer: Vec<usize> = depth.keys().copied().collect();
    let mut steps = 0;
    while !layer.is_empty() {
        steps += 1;
        let from = |link: &&Link| layer.contains(&link.from);
        let next: Vec<usize> = graph.links.iter().filter(from).map(|link| link.to).collect();
        layer.clear();
        for id in next {
            if let Entry::Vacant(entry) = depth.entry(id) {
                entry.insert(steps);
                layer.push(id);
            }
        }
    }
    depth
}

/// A thousand times the mean rank of the neighbours on one side; its own where it has none.
fn middle(graph: &Graph, rank: &BTreeMap<usize, usize>, id: usize, forward: bool, own: usize) -> usize {
    let neighbours = graph.links.iter().filter_map(|link| match forward {
        true => (link.to == id).then_some(link.from),
        false => (link.from == id).then_some(link.to),
    });
    let ranks: Vec<usize> = neighbours.filter_map(|neighbour| rank.get(&neighbour).copied()).collect();
    match ranks.len() {
        0 => own * 1000,
        count => ranks.iter().sum::<usize>() * 1000 / count,
    }
}

/// The upper left corners of the boxes.
fn places(layers: &[Vec<usize>]) -> BTreeMap<usize, (usize, usize)> {
    let tallest = layers.iter().map(Vec::len).max().unwrap_or_default();
    let mut places = BTreeMap::new();
    for (column, layer) in layers.iter().enumerate() {
        let first = (tallest - layer.len()) * STEP.1 / 2;
        for (row, id) in layer.iter().enumerate() {
            places.insert(*id, (LEFT + column * STEP.0, TOP + first + row * STEP.1));
        }
    }
    places
}

fn draw_link(text: &mut String, graph: &Graph, link: &Link, places: &BTreeMap<usize, (usize, usize)>) {
    let Link { from, to, label, certain } = link;
    let (Some(start), Some(end)) = (places.get(from), places.get(to)) else { return };
    let is_forward = start.0 < end.0;
    let line = line(*start, *end);
    let colour = if is_forward { "#55606b" } else { "#b3bbc3" };
    let dash = if *certain { "" } else { r#" stroke-dasharray="5 4""# };
    let whole = escaped(label);
    let _ = writeln!(
        text,
        r##"<path d="{line}" fill="none" stroke="{colour}"{dash} marker-end="url(#arrow)"><title>{whole}</title></path>"##
    );
    if graph.links.len() <= LABELS && is_forward {
        let x = usize::midpoint(start.0 + BOX.0, end.0);
        let y = (usize::midpoint(start.1, end.1) + BOX.1 / 2).saturating_sub(5);
        let shown = escaped(&cut(label, 18));
        let _ = writeln!(
            text,
            r##"<text x="{x}" y="{y}" font-size="10" fill="#444444" text-anchor="middle">{shown}</text>"##
        );
    }
}

/// From side to side forwards, round the right side in one layer, and from left to right side backwards.
fn line((x1, y1): (usize, usize), (x2, y2): (usize, usize)) -> String {
    let (y1, y2) = (y1 + BOX.1 / 2, y2 + BOX.1 / 2);
    let bend = 60;
    match x1.cmp(&x2) {
        Ordering::Less => {
            let x1 = x1 + BOX.0;
            format!("M{x1},{y1} C{},{y1} {},{y2} {x2},{y2}", x1 + bend, x2.saturating_sub(bend))
        }
        Ordering::Equal => {
            let x = x1 + BOX.0;
            format!("M{x},{y1} C{},{y1} {},{y2} {x},{y2}", x + bend, x + bend)
        }
        Ordering::Greater => {
            let x2 = x2 + BOX.0;
            format!("M{x1},{y1} C{},{y1} {},{y2} {x2},{y2}", x1.saturating_sub(bend), x2 + bend)
        }
    }
}

fn draw_node(text: &mut String, node: &Node, (x, y): (usize, usize)) {
    let Node { kind, label, cluster, certain, own } = node;
    let place = cluster.as_ref().map_or_else(String::new, |cluster| format!(" on {cluster}"));
    let stroke = match (own, certain) {
        (true, _) => r##" stroke="#1a1a1a" stroke-width="3""##,
        (false, true) => r##" stroke="#55606b""##,
        (false, false) => r##" stroke="#55606b" stroke-dasharray="5 4""##,
    };
    let fill = match *kind {
        "cluster-admin" | "account-admin" | "nodes" => "#fbe3dd",
        "iam" => "#fdf1d6",
        "pod" | "service-account" | "caller" => "#e4eefb",
        _ => "#f2f2f2",
    };
    let (width, height) = BOX;
    let whole = escaped(&format!("{kind} {label}{place}"));
    let _ = writeln!(
        text,
        r#"<g><title>{whole}</title><rect x="{x}" y="{y}" width="{width}" height="{height}" rx="4" fill="{fill}"{stroke}/>"#
    );
    let lines = [format!("{kind}{place}"), label.clone()];
    for (number, line) in lines.iter().enumerate() {
        let weight = if number == 0 { r##" font-size="11" fill="#444444""## } else { "" };
        let (x, y) = (x + 8, y + 17 + number * 17);
        let _ = writeln!(text, r#"<text x="{x}" y="{y}"{weight}>{}</text>"#, escaped(&cut(line, LETTERS)));
    }
    text.push_str("</g>\n");
}

fn escaped(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    markup::escaped(&text)
}
