//! Verifying: the real things are asked, hop by hop, and what they say stands beside what was worked out.
//!
//! Each question is a file. Nothing is changed anywhere: roles are assumed, tokens are signed, reviews are asked, and that is all.

mod access_review;
mod answer;
mod caller_identity;
mod cluster_user;
mod entry_age;
mod refusals;
mod rules_review;
mod simulation;
mod subject;

use std::{collections::BTreeSet, time::Duration};

use access::{At, Passes, authorization::Authorizers};
use facts::{ClusterArn, Gap};
use futures_util::{StreamExt as _, stream};
use inventory::{Cluster, Inventory};
use serde_json::Value;

use crate::{
    aws::Aws,
    cause::Cause,
    collect::{Error, Options, Watch, to_the_end},
    kubernetes::Api,
};
pub use access_review::{impersonated, review_of};
use answer::Asking;
pub use answer::{Answer, Question, Word};
use caller_identity::{Assumed, Sessions};
pub use subject::Subject;

/// What came of all questions.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The answers, cluster by cluster.
    pub answers: Vec<Answer>,
    /// Events of CloudTrail by which AWS refused something to the fleet's identities, each once.
    pub refused: Vec<Value>,
    /// What of CloudTrail couldn't be looked through.
    pub unseen: Vec<Gap>,
}

/// Asks AWS and the clusters about these, with what was collected to compare with; CloudTrail's history for so long.
///
/// # Errors
/// Where no request can be made, or somebody ends it.
pub fn verify(
    options: &Options,
    since: Duration,
    inventory: &Inventory,
    subjects: &[Subject],
    watch: &dyn Watch,
) -> Result<Asked, Error> {
    to_the_end(async {
        let aws = Aws::load(options.access.clone(), options.timeout).await?;
        let run = Run { options, aws, inventory, sessions: Sessions::default() };
        Ok(run.everything(since, subjects, watch).await)
    })
}

struct Run<'a> {
    options: &'a Options,
    aws: Aws,
    inventory: &'a Inventory,
    sessions: Sessions,
}

impl Run<'_> {
    async fn everything(&self, since: Duration, subjects: &[Subject], watch: &dyn Watch) -> Asked {
        let hub = self.options.targets.hub.as_ref();
        let places = refusals::places(subjects, hub.map(|hub| hub.region.as_str()).unwrap_or_default());
        watch.found(subjects.len() + places.len());
        let at_once = self.options.parallelism.max(1);
        let asked = stream::iter(subjects).map(async |subject| {
            let answers = self.subject(subject).await;
            watch.done();
            answers
        });
        let answers: Vec<Vec<Answer>> = asked.buffered(at_once).collect().await;
        let looked = stream::iter(&places).map(async |(account, region)| {
            let found = refusals::look_up(&self.aws, (account, region), since, subjects).await;
            watch.done();
            found
        });
        let looked: Vec<refusals::Found> = looked.buffered(at_once).collect().await;
        let mut asked = Asked { answers: answers.into_iter().flatten().collect(), ..Asked::default() };
        for found in looked {
            asked.refused.extend(found.events);
            asked.unseen.extend(found.missing);
        }
        // Both accounts of a call have the same event.
        let mut seen = BTreeSet::new();
        asked.refused.retain(|event| {
            let id = event.get("sharedEventID").or_else(|| event.get("eventID"));
            id.is_none_or(|id| seen.insert(id.to_string()))
        });
        asked
    }

    async fn subject(&self, subject: &Subject) -> Vec<Answer> {
        let Some(role) = subject.role() else { return vec![no_role(subject)] };
        let region = &subject.cluster.region;
        let mut answers = simulation::answers(&self.aws, subject).await;
        answers.extend(entry_age::answer(&self.aws, self.inventory, subject, role).await);
        let found = self.sessions.of(&self.aws, &subject.roles, region).await;
        answers.extend(caller_identity::answers(subject, &found));
        match (found, self.inventory.clusters.get(&subject.cluster)) {
            (Ok(assumed), Some(cluster)) => answers.extend(self.on_cluster(subject, cluster, &assumed).await),
            // That is an answer already.
            (Err(_), _) | (_, None) => {}
        }
        answers
    }

    /// As the role itself.
    async fn on_cluster(&self, subject: &Subject, cluster: &Cluster, assumed: &Assumed) -> Vec<Answer> {
        let expected = cluster_user::expected(self.inventory, cluster, &assumed.arn);
        let api = match self.api(&subject.cluster, cluster, assumed).await {
            Ok(api) => api,
            Err(cause) => return vec![cluster_user::compare(subject, &expected, Err(cause))],
        };
        let user = cluster_user::ask(&api).await;
        // Nobody is reviewed whom the cluster doesn't take for anybody, and nothing by who doesn't answer.
        let ends = user.as_ref().is_err_and(|cause| cause.is("Unauthorized") || cause.is_silence());
        let mut answers = vec![cluster_user::compare(subject, &expected, user)];
        if !ends {
            let authorizers = Authorizers::of(cluster);
            answers.extend(access_review::answers(&api, subject, &expected, &authorizers).await);
            answers.extend(rules_review::answers(&api, subject, &expected, &authorizers).await);
        }
        answers
    }

    async fn api(&self, arn: &ClusterArn, cluster: &Cluster, assumed: &Assumed) -> Result<Api, Cause> {
        let description = cluster.description.known();
        let address =
            description.and_then(|own| own.endpoint.as_deref().zip(own.certificate_authority.as_deref()));
        let (endpoint, authority) =
            address.ok_or_else(|| Cause::new("the cluster's endpoint isn't known"))?;
        Api::by_token(endpoint, authority, assumed.session.token(arn).await?, self.options.timeout).await
    }
}

/// Of somebody who comes without a role of AWS, or not at all.
fn no_role(subject: &Subject) -> Answer {
    let what = || format!("what the {} sees on `{}`", subject.identity, subject.name);
    let failing = subject.hops.iter().find(|hop| !hop.is_passed());
    let (at, missing) = match failing.map(|hop| (hop, &hop.passes)) {
        Some((hop, Passes::Unknown { missing })) if !missing.is_empty() => (hop.at, missing.clone()),
        Some((hop, _)) => (hop.at, vec![Gap::new(what(), format!("the way there ends: {}", hop.by))]),
        None => {
            let cause =
                format!("it comes as the service account `{}`, which nobody can assume", subject.account);
            let fill = "ask from inside of a pod: `oarlock verify --job-manifest IMAGE`";
            (At::ServiceAccount, vec![Gap::new(what(), cause).filled_by(fill)])
        }
    };
    let asking = Asking {
        question: Question::AccessReview,
        at,
        cluster: Some(subject.name.clone()),
        who: subject.who(),
        about: format!("its {}", facts::count(subject.needs, "need")),
    };
    asking.said(Word::Unknown, "not known".to_owned(), None, missing)
}
