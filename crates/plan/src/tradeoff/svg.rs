//! A chart for a decision record: one row for each variant, what it keeps, how near it is to a quota, what is lost.
//!
//! Every bar has its number beside it, and bars differ by pattern, not only by colour. The text is the same for the same
//! input: no clock, no random ids, and no font or style from elsewhere.

use std::fmt::Write as _;

use super::{Measured, Tradeoff, quota::ROOM};

const WIDTH: usize = 980;
const TOP: usize = 104;
const ROW: usize = 52;
const BAR: usize = 18;
/// Characters in a line of the sentences below the rows.
const LINE: usize = 140;

/// Where a panel begins, and how long its longest bar is.
struct Panel {
    x: usize,
    longest: usize,
}

const OBJECTS: Panel = Panel { x: 170, longest: 120 };
const QUOTA: Panel = Panel { x: 460, longest: 120 };
const BLAST: Panel = Panel { x: 720, longest: 90 };

/// The chart as one self-contained SVG document.
pub fn svg(tradeoff: &Tradeoff) -> String {
    let below: Vec<String> = std::iter::once(tradeoff.recommended())
        .chain(tradeoff.turns())
        .chain((!tradeoff.complete).then(|| INCOMPLETE.to_owned()))
        .flat_map(|sentence| wrapped(&sentence))
        .collect();
    let rows_end = TOP + tradeoff.variants.len() * ROW;
    let height = rows_end + 20 + below.len() * 17;
    let mut text = opening(tradeoff, height);
    heads(&mut text);
    let scale = Scale::of(tradeoff);
    for (number, measured) in tradeoff.variants.iter().enumerate() {
        row(&mut text, tradeoff, measured, &scale, TOP + number * ROW);
    }
    for (number, line) in below.iter().enumerate() {
        label(&mut text, (16, rows_end + 26 + number * 17), "", line);
    }
    text.push_str("</svg>\n");
    text
}

const INCOMPLETE: &str = "Incomplete: not everything that the clusters need is known and decided.";

fn opening(tradeoff: &Tradeoff, height: usize) -> String {
    let fleet = escaped(&tradeoff.fleet);
    let described = escaped(&tradeoff.recommended());
    let growth = &tradeoff.growth;
    let size =
        format!("{}, {}", facts::count(growth.clusters, "cluster"), facts::count(growth.accounts, "account"));
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="title desc" font-family="system-ui, sans-serif" font-size="12" fill="#1a1a1a">
<title id="title">Roles of the fleet {fleet}, compared</title>
<desc id="desc">{described}</desc>
<defs><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="5" height="5" fill="#ffffff"/><rect width="2" height="5" fill="#5b7fa6"/></pattern></defs>
<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>
<text x="16" y="30" font-size="18" font-weight="bold">Roles of the fleet {fleet}, compared: {size}</text>
"##
    )
}

fn heads(text: &mut String) {
    let heads = [
        (OBJECTS.x, "Objects to keep", "filled: IAM and EKS; hatched: Kubernetes"),
        (QUOTA.x, "Tightest AWS quota", "dashed: what is recommended uses no more"),
        (BLAST.x, "One stolen role that clusters know", "clusters of the worst; of any role on average"),
    ];
    for (x, head, legend) in heads {
        label(text, (x, 64), r#" font-weight="bold""#, head);
        label(text, (x, 80), r##" font-size="11" fill="#444444""##, legend);
    }
}

/// The largest values, which the longest bars stand for.
struct Scale {
    objects: usize,
    clusters: usize,
}

impl Scale {
    fn of(tradeoff: &Tradeoff) -> Self {
        let most = |of: fn(&Measured) -> usize| tradeoff.variants.iter().map(of).max().unwrap_or(0).max(1);
        Self {
            objects: most(|one| one.objects.total),
            clusters: most(|one| one.blast.known_to_clusters.reach.clusters),
        }
    }
}

fn row(text: &mut String, tradeoff: &Tradeoff, measured: &Measured, scale: &Scale, y: usize) {
    if tradeoff.recommends(measured.variant) {
        let _ = writeln!(
            text,
            r##"<rect x="8" y="{}" width="{}" height="{}" fill="none" stroke="#1a1a1a" stroke-width="2"/>"##,
            y - 8,
            WIDTH - 16,
            ROW - 3
        );
    }
    label(text, (16, y + 13), r#" font-weight="bold""#, measured.variant.name());
    small(text, (16, y + 29), &measured.standing(tradeoff));
    objects(text, measured, scale, y);
    quota(text, measured, y);
    blast(text, measured, scale, y);
}

fn objects(text: &mut String, measured: &Measured, scale: &Scale, y: usize) {
    let (total, aws) = (measured.objects.total, measured.objects.in_aws());
    let (whole, filled) = (OBJECTS.longest * total / scale.objects, OBJECTS.longest * aws / scale.objects);
    bar(text, (OBJECTS.x, y), filled, "#1f4e79");
    bar(text, (OBJECTS.x + filled, y), whole.saturating_sub(filled), "url(#hatch)");
    label(text, (OBJECTS.x + whole + 6, y + 13), "", &total.to_string());
    let roles = facts::count(measured.objects.iam_roles, "IAM role");
    small(text, (OBJECTS.x, y + 32), &format!("{aws} of IAM and EKS, {roles}"));
}

/// A bar ends at the whole quota; the number says if it would be longer.
fn quota(text: &mut String, measured: &Measured, y: usize) {
    let Some(tightest) = measured.tightest() else { return };
    let length = QUOTA.longest * tightest.percent.min(100) / 100;
    let _ = writeln!(
        text,
        r##"<rect x="{}" y="{y}" width="{}" height="{BAR}" fill="none" stroke="#888888"/>"##,
        QUOTA.x, QUOTA.longest
    );
    bar(text, (QUOTA.x, y), length, "#1f4e79");
    let room = QUOTA.x + QUOTA.longest * ROOM / 100;
    let _ = writeln!(
        text,
        r##"<line x1="{room}" y1="{}" x2="{room}" y2="{}" stroke="#1a1a1a" stroke-dasharray="3 2"/>"##,
        y - 3,
        y + BAR + 3
    );
    label(text, (QUOTA.x + QUOTA.longest + 6, y + 13), "", &format!("{} %", tightest.percent));
    let used = format!("{}: {} of {}", tightest.quota.name, tightest.used, tightest.quota.default);
    small(text, (QUOTA.x, y + 32), &used);
}

fn blast(text: &mut String, measured: &Measured, scale: &Scale, y: usize) {
    let reach = measured.blast.known_to_clusters.reach;
    let length = BLAST.longest * reach.clusters / scale.clusters;
    bar(text, (BLAST.x, y), length, "#1f4e79");
    let average = measured.blast.average.clusters;
    let said = format!("{} (average {average:.1})", reach.clusters);
    label(text, (BLAST.x + length + 6, y + 13), "", &said);
    small(text, (BLAST.x, y + 32), &format!("Secrets of {}", reach.secrets()));
}

/// What is there is seen, however short.
fn bar(text: &mut String, (x, y): (usize, usize), length: usize, fill: &str) {
    let length = length.max(1);
    let _ = writeln!(text, r#"<rect x="{x}" y="{y}" width="{length}" height="{BAR}" fill="{fill}"/>"#);
}

fn small(text: &mut String, at: (usize, usize), words: &str) {
    label(text, at, r##" font-size="11" fill="#444444""##, words);
}

fn label(text: &mut String, (x, y): (usize, usize), style: &str, words: &str) {
    if !words.is_empty() {
        let _ = writeln!(text, r#"<text x="{x}" y="{y}"{style}>{}</text>"#, escaped(words));
    }
}

fn wrapped(sentence: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in sentence.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < LINE => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Text as XML has it; what XML can't have (Extensible Markup Language 1.0, "Characters") is left out.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars().filter(|c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}')) {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_no_markup() {
        assert_eq!(escaped("a<b & \"c\">\u{1b}"), "a&lt;b &amp; &quot;c&quot;&gt;");
    }

    #[test]
    fn lines_break_between_words() {
        let lines = wrapped(&"word ".repeat(60));
        assert!(lines.len() > 1 && lines.iter().all(|line| line.chars().count() <= LINE), "{lines:?}");
    }
}
