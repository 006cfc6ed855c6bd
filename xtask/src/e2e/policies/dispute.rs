//! What an evaluator decides otherwise than AWS documents, and how to tell that a disagreement is about that and nothing else.

use anyhow::Result;
use iam::Decision;

use super::{ours, peer::Running, question::Question};

/// One thing in which an evaluator is wrong.
///
/// Whether a disagreement is about it is not guessed from how the question looks: the question is asked once more in other
/// words, which mean the same by AWS's documentation and which the evaluator understands. We must answer as before, and it
/// must now say the same. So no entry hides a disagreement about something else.
pub(super) struct Dispute {
    /// What it is about.
    pub(super) about: &'static str,
    /// They are wrong, because.
    pub(super) because: &'static str,
    /// Where AWS says so: guide and page.
    pub(super) page: &'static str,
    /// Rewrites what it is about; a question that has nothing of it stays as it is.
    pub(super) in_other_words: fn(&mut Question),
}

/// What a disagreement is about: numbers of the peer's entries, or none, if they don't explain it.
pub(super) fn about(peer: &mut Running, question: &Question, ours: Decision) -> Result<Option<Vec<usize>>> {
    let concerned = concerned(question, ours, peer.peer.disputes)?;
    for number in &concerned {
        if explains(peer, question, ours, &[*number])? {
            return Ok(Some(vec![*number]));
        }
    }
    if !explains(peer, question, ours, &concerned)? {
        return Ok(None);
    }
    fewest(peer, question, ours, concerned).map(Some)
}

/// The question with all in other words that an entry is about, for who looks for what is left.
pub(super) fn in_other_words(peer: &Running, question: &Question, ours: Decision) -> Result<Question> {
    let disputes = peer.peer.disputes;
    Ok(rewritten(question, disputes, &concerned(question, ours, disputes)?))
}

/// The entries that have something to rewrite, perhaps only after others before them, and whose words mean the same here.
fn concerned(question: &Question, ours: Decision, disputes: &[Dispute]) -> Result<Vec<usize>> {
    let (mut concerned, mut so_far) = (Vec::new(), question.clone());
    for (number, dispute) in disputes.iter().enumerate() {
        let mut next = so_far.clone();
        (dispute.in_other_words)(&mut next);
        if next != so_far && ours::decide(&next)? == ours {
            concerned.push(number);
            so_far = next;
        }
    }
    Ok(concerned)
}

/// Without those entries that it takes none of.
fn fewest(
    peer: &mut Running,
    question: &Question,
    ours: Decision,
    mut concerned: Vec<usize>,
) -> Result<Vec<usize>> {
    for number in concerned.clone() {
        let fewer: Vec<usize> = concerned.iter().copied().filter(|other| *other != number).collect();
        if explains(peer, question, ours, &fewer)? {
            concerned = fewer;
        }
    }
    Ok(concerned)
}

fn explains(peer: &mut Running, question: &Question, ours: Decision, entries: &[usize]) -> Result<bool> {
    let rewritten = rewritten(question, peer.peer.disputes, entries);
    if ours::decide(&rewritten)? != ours {
        return Ok(false);
    }
    Ok(peer.ask(&[&rewritten])?.first().is_some_and(|answer| answer.is(ours)))
}

fn rewritten(question: &Question, disputes: &[Dispute], entries: &[usize]) -> Question {
    let mut question = question.clone();
    for dispute in entries.iter().filter_map(|number| disputes.get(*number)) {
        (dispute.in_other_words)(&mut question);
    }
    question
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::e2e::policies::{generate, peer::PEERS};

    #[test]
    fn every_entry_has_other_words_for_what_some_question_says() {
        let mut rng = fastrand::Rng::with_seed(1);
        let questions: Vec<Question> =
            (0..1_000).map(|_| generate::question(&mut rng).spelled_out()).collect();
        for peer in &PEERS {
            for (number, dispute) in peer.disputes.iter().enumerate() {
                let changes =
                    |question: &&Question| rewritten(question, peer.disputes, &[number]) != **question;
                assert!(questions.iter().any(|question| changes(&question)), "{}", dispute.about);
            }
        }
    }
}
