//! `oarlock verify --live`: the questions, and the answers as output has them.

use std::time::Duration;

use access::{Accounts, At, Installation, Passes};
use checks::diagnosis::{Answer as Cause, Diagnosed, Diagnoses, Inquiry, messages};
use facts::Gap;
use fleet::{Fleet, Install};
use live::{
    Verb,
    verify::{Answer, Asked, Question, Subject, Word},
};
use plan::ClusterNeeds;
use schemars::JsonSchema;
use serde::Serialize;

use super::{WayIn, collected};
use crate::{command::collected::Bar, exit::Status};

/// What is asked of whom.
#[derive(Debug, clap::Args)]
pub(super) struct LiveArguments {
    /// Read AWS and the clusters as they are, and ask them, too
    #[arg(long, conflicts_with = "inventory", help_heading = "What to ask live")]
    pub(super) live: bool,
    /// How far back to look for what AWS refused
    #[arg(
        long,
        value_name = "HOURS",
        default_value_t = 24,
        value_parser = clap::value_parser!(u16).range(1..=2160),
        requires = "live",
        help_heading = "What to ask live"
    )]
    since: u16,
    /// How many of an identity's needs to ask a cluster about; of more, as many are picked evenly
    #[arg(
        long,
        value_name = "N",
        default_value_t = 200,
        value_parser = clap::value_parser!(u16).range(1..),
        requires = "live",
        help_heading = "What to ask live"
    )]
    questions: u16,
    /// Print Jobs that ask from inside of Argo CD's pods, and ask nobody; the image has the AWS CLI, kubectl and a shell
    #[arg(long, value_name = "IMAGE", help_heading = "What to ask live")]
    pub(super) job_manifest: Option<String>,
}

/// A fleet with what is known of it.
#[derive(Clone, Copy)]
pub(super) struct Scene<'s> {
    pub(super) fleet: &'s Fleet,
    pub(super) accounts: &'s Accounts<'s>,
    pub(super) installation: &'s Installation,
}

/// What AWS and the clusters say themselves.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LiveVerification")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Json {
    /// Who was asked about.
    pub(crate) asked: Vec<JsonSubject>,
    /// Each question with both opinions.
    pub(crate) answers: Vec<Answer>,
    /// What couldn't be looked through.
    pub(crate) unknown: Vec<Gap>,
}

/// An identity of Argo CD on a cluster.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AskedIdentity")]
#[serde(rename_all = "camelCase")]
pub(crate) struct JsonSubject {
    /// The cluster, by its name in the fleet.
    pub(crate) cluster: String,
    /// The identity.
    pub(crate) who: String,
    /// How many needs it has there that differ.
    pub(crate) needs: usize,
    /// How many of them the cluster was to be asked about.
    pub(crate) asked: usize,
}

impl Json {
    /// How they end.
    pub(crate) fn status(&self) -> Status {
        let ends = |word| self.answers.iter().any(|answer| answer.verdict == word);
        let violated = if ends(Word::Violated) { Status::Violated } else { Status::Fine };
        let unknown = ends(Word::Unknown) || !self.unknown.is_empty();
        violated.and(if unknown { Status::Undecided } else { Status::Fine })
    }
}

impl Scene<'_> {
    /// Whoever has needs, on every cluster; at most so many needs of each.
    pub(super) fn subjects(&self, needs: &[ClusterNeeds], limit: usize) -> Vec<Subject> {
        let is_capability = self.fleet.hub.argocd.install == Install::EksCapability;
        let on = |cluster: &ClusterNeeds| {
            let needs = cluster.needs.iter().map(|need| (need.identity, need.permission));
            let named = (&cluster.arn, cluster.name.as_str());
            Subject::on(self.accounts, self.installation, is_capability, named, needs, limit)
        };
        needs.iter().flat_map(on).collect()
    }
}

/// Asks AWS and the clusters.
pub(super) fn ask(
    arguments: &LiveArguments,
    way_in: &WayIn,
    scene: &Scene<'_>,
    needs: &[ClusterNeeds],
) -> anyhow::Result<Json> {
    let subjects = scene.subjects(needs, arguments.questions.into());
    let namespace = scene.fleet.hub.argocd.namespace.clone();
    let options = way_in.options(Verb::Verify, collected::targets(scene.fleet), namespace);
    let since = Duration::from_secs(u64::from(arguments.since) * 3600);
    let inventory = scene.accounts.inventory();
    let Asked { mut answers, refused, unseen } =
        live::verify::verify(&options, since, inventory, &subjects, &Bar::new())?;
    let lines: Vec<String> = refused.iter().map(ToString::to_string).collect();
    answers.extend(refusals(scene, &lines.join("\n")));
    let asked = subjects.into_iter().map(|subject| JsonSubject {
        cluster: subject.name,
        who: subject.identity.to_string(),
        needs: subject.needs,
        asked: subject.asked.len(),
    });
    Ok(Json { asked: asked.collect(), answers, unknown: unseen })
}

/// What AWS refused, each at the hop that it belongs to: by its text, or as the inventory has it.
fn refusals(scene: &Scene<'_>, events: &str) -> Vec<Answer> {
    let messages = messages("CloudTrail", events);
    let diagnoses = Diagnoses::of(&messages);
    let inquiry = Inquiry::new(scene.accounts.inventory(), Some(scene.installation.clone()), None);
    let known = diagnoses.errors.iter().map(|error| refusal(error, inquiry.ask(error)));
    let unknown = diagnoses.unrecognised.iter().map(|own| {
        let gap = Gap::new("which hop it is about", "no signature of `oarlock diagnose` has this text");
        let count = facts::count(own.count, "time");
        Answer {
            answered: Some(format!("refused {count}: {}", own.text)),
            ..answer(At::AssumeRole, "the fleet's identities", Word::Unknown, "not known", vec![gap])
        }
    });
    known.chain(unknown).collect()
}

fn refusal(error: &Diagnosed, found: Option<Cause>) -> Answer {
    let who = error.parts.get("principal").map_or("one of the fleet's identities", String::as_str);
    let suspected = error.signature.hops.first().copied().unwrap_or(At::AssumeRole);
    let at = found.as_ref().and_then(Cause::failing).map_or(suspected, |hop| hop.at);
    let (verdict, expected, missing) = match found.map(|found| found.passes) {
        Some(Passes::Yes) => {
            let cause = "by what was collected it is allowed now";
            let gap = Gap::new("whether it was mended since, or is refused all the same", cause);
            (Word::Unknown, "allowed", vec![gap.filled_by("ask again later, with a short `--since`")])
        }
        Some(Passes::No) => (Word::Violated, "not allowed", Vec::new()),
        Some(Passes::Unknown { missing }) => (Word::Violated, "not known", missing),
        None => (Word::Violated, "not known", Vec::new()),
    };
    let count = facts::count(error.count, "time");
    Answer {
        answered: Some(format!("refused {count} ({}): {}", error.signature.id, error.text)),
        ..answer(at, who, verdict, expected, missing)
    }
}

fn answer(at: At, who: &str, verdict: Word, expected: &str, missing: Vec<Gap>) -> Answer {
    Answer {
        question: Question::Refusals,
        at,
        cluster: None,
        who: who.to_owned(),
        about: "what AWS refused lately".to_owned(),
        verdict,
        expected: expected.to_owned(),
        answered: None,
        missing,
    }
}

#[cfg(test)]
mod tests {
    use inventory::Inventory;

    use super::*;

    #[test]
    fn a_refusal_is_joined_to_its_hop_and_never_lost() {
        let inventory = Inventory::read(&[]).inventory;
        let text = r#"apiVersion: oarlock.dev/v1alpha1
kind: Fleet
metadata: {name: x}
spec:
  hub: {arn: "arn:aws:eks:eu-west-1:111122223333:cluster/hub", argocd: {version: "3.5"}, identity: pod-identity}
  clusters: [{arn: "arn:aws:eks:eu-west-1:111122223333:cluster/hub", name: in-cluster}]
"#;
        let fleet = Fleet::parse(&"fleet.yaml".into(), text.as_bytes()).unwrap();
        let (accounts, installation) = (Accounts::of(&inventory), plan::installation(&fleet));
        let scene = Scene { fleet: &fleet, accounts: &accounts, installation: &installation };
        let event = serde_json::json!({
            "eventSource": "sts.amazonaws.com", "eventName": "AssumeRole", "errorCode": "AccessDenied",
            "errorMessage": "User: arn:aws:sts::111122223333:assumed-role/hub/x is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::444455556666:role/spoke",
            "userIdentity": {"arn": "arn:aws:sts::111122223333:assumed-role/hub/x"},
            "requestParameters": {"roleArn": "arn:aws:iam::444455556666:role/spoke"},
        });
        let answers = refusals(&scene, &event.to_string());
        let [answer] = answers.as_slice() else { panic!("{answers:#?}") };
        assert_eq!((answer.question, answer.at), (Question::Refusals, At::AssumeRole));
        assert_ne!(answer.verdict, Word::Holds);
        let strange = event
            .to_string()
            .replace("is not authorized to perform", "may not do")
            .replace("AccessDenied", "Strange");
        let answers = refusals(&scene, &strange);
        assert!(
            !answers.is_empty() && answers.iter().all(|answer| answer.verdict != Word::Holds),
            "{answers:#?}"
        );
    }
}
