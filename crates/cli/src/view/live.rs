//! What AWS and the clusters say themselves, for people: what holds is counted, all else has both opinions.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use live::verify::{Answer, Question, Word};

use super::hops;
use crate::command::verify::live::{Json, JsonSubject};

/// Where an answer is about no cluster.
const AWS: &str = "AWS";

/// Answers of one kind that are shown; `-o json` has all.
const SHOWN: usize = 5;

/// A line for each cluster, and below it whatever doesn't hold.
pub(crate) fn text(live: &Json) -> String {
    let mut clusters: BTreeMap<&str, Vec<&Answer>> = BTreeMap::new();
    for answer in &live.answers {
        clusters.entry(answer.cluster.as_deref().unwrap_or(AWS)).or_default().push(answer);
    }
    let mut text = "\nAsked live\n".to_owned();
    for (cluster, answers) in clusters {
        add_cluster(&mut text, cluster, &answers, &live.asked);
    }
    for gap in &live.unknown {
        let _ = writeln!(text, "? {gap}");
        gap.fill.iter().for_each(|fill| text.push_str(&format!("    {fill}\n")));
    }
    text
}

fn add_cluster(text: &mut String, cluster: &str, answers: &[&Answer], asked: &[JsonSubject]) {
    let is = |word| answers.iter().any(|answer| answer.verdict == word);
    let mark = match (is(Word::Violated), is(Word::Unknown)) {
        (true, _) => "✗",
        (false, true) => "?",
        (false, false) => "✓",
    };
    let questions: BTreeSet<Question> = answers.iter().map(|answer| answer.question).collect();
    let held = questions.iter().map(|question| {
        let of = |holds: bool| {
            let own = answers.iter().filter(|answer| answer.question == *question);
            own.filter(|answer| !holds || answer.verdict == Word::Holds).count()
        };
        format!("{} {} of {}", question.as_str(), of(true), of(false))
    });
    let _ = writeln!(text, "{mark} {cluster}: {}", held.collect::<Vec<_>>().join(", "));
    let sampled = asked.iter().filter(|own| own.cluster == cluster && own.asked < own.needs);
    for JsonSubject { who, needs, asked, .. } in sampled {
        let _ =
            writeln!(text, "    {who}: asked about {asked} of {needs} needs, evenly picked (`--questions`)");
    }
    let mut groups: BTreeMap<(Word, Question, &str), Vec<&Answer>> = BTreeMap::new();
    for answer in answers.iter().filter(|answer| answer.verdict != Word::Holds) {
        groups.entry((answer.verdict, answer.question, &answer.who)).or_default().push(answer);
    }
    for group in groups.values() {
        group.iter().take(SHOWN).for_each(|answer| add(text, answer));
        if let Some(more) = group.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            let _ = writeln!(text, "    and {more} more like this");
        }
    }
}

fn add(text: &mut String, answer: &Answer) {
    let Answer { question, at, who, about, verdict, expected, answered, missing, .. } = answer;
    let _ = writeln!(text, "    {who}: {} {} at {at}: {about}", question.as_str(), verdict.as_str());
    let _ = writeln!(text, "      Oarlock says: {expected}");
    if let Some(answered) = answered {
        let _ = writeln!(text, "      the answer is: {answered}");
    }
    hops::add_ending(text, missing, None);
}
