//! `sts:GetCallerIdentity`: the roles by which Argo CD comes, assumed by the credentials at hand where their trust policies let
//! that happen. What only the pods themselves may assume is seen only from inside of a pod.

use std::{collections::HashMap, sync::Arc};

use access::{At, cluster_identity::Caller};
use facts::{Gap, RoleArn};
use tokio::sync::{Mutex, OnceCell};

use super::{Answer, Asking, Question, Subject};
use crate::{
    aws::{Aws, Session},
    cause::Cause,
};

/// A session of the last of several roles.
#[derive(Clone, Debug)]
pub(super) struct Assumed {
    pub(super) session: Session,
    /// The ARN that STS gives it.
    pub(super) arn: String,
    /// Those of the roles before it, where it came by them.
    before: Vec<String>,
    /// Why it didn't come by them.
    alone: Option<Cause>,
}

type Found = Result<Assumed, Cause>;

/// Sessions of roles, each made once.
#[derive(Default)]
pub(super) struct Sessions(Mutex<HashMap<Vec<RoleArn>, Arc<OnceCell<Found>>>>);

impl Sessions {
    /// Of the last of these roles.
    pub(super) async fn of(&self, aws: &Aws, roles: &[RoleArn], region: &str) -> Found {
        let cell = Arc::clone(self.0.lock().await.entry(roles.to_vec()).or_default());
        cell.get_or_init(|| assumed(aws, roles, region)).await.clone()
    }
}

/// As Argo CD does it, one role after the other; if that can't be, the last one alone.
async fn assumed(aws: &Aws, roles: &[RoleArn], region: &str) -> Found {
    let whole = chain(aws, roles, region).await;
    match (whole, roles) {
        (Err(cause), [_, .., last]) => {
            let alone = chain(aws, std::slice::from_ref(last), region).await;
            alone.map(|alone| Assumed { alone: Some(cause.clone()), ..alone }).map_err(|_| cause)
        }
        (whole, _) => whole,
    }
}

async fn chain(aws: &Aws, roles: &[RoleArn], region: &str) -> Found {
    let Some((first, rest)) = roles.split_first() else { return Err(Cause::new("there is no role")) };
    let (mut session, mut arn) = enter(aws, first, region).await?;
    let mut before = Vec::new();
    for role in rest {
        session = aws.assume(&session, role, region).await;
        before.push(std::mem::replace(&mut arn, session.caller().await?));
    }
    Ok(Assumed { session, arn, before, alone: None })
}

/// The first role: by the credentials at hand for its account, or by the credentials at hand themselves, which may be its own.
async fn enter(aws: &Aws, role: &RoleArn, region: &str) -> Result<(Session, String), Cause> {
    let own = aws.own(region);
    if let Ok(arn) = own.caller().await
        && is_of(&arn, role)
    {
        return Ok((own, arn));
    }
    let base = aws.session(&role.account, region).await.unwrap_or(own);
    let session = aws.assume(&base, role, region).await;
    let arn = session.caller().await?;
    Ok((session, arn))
}

/// Whether an ARN is a session's of a role: it has no path.
fn is_of(arn: &str, role: &RoleArn) -> bool {
    Caller::new(arn).is_ok_and(|caller| caller.arn() == without_path(role))
}

fn without_path(role: &RoleArn) -> String {
    format!("arn:{}:iam::{}:role/{}", role.partition, role.account, role.name)
}

/// What STS says of each role on the way.
pub(super) fn answers(subject: &Subject, found: &Found) -> Vec<Answer> {
    let last = subject.roles.len().saturating_sub(1);
    let answer = |(index, role): (usize, &RoleArn)| {
        let seen = match found {
            Err(cause) => Err(cause),
            Ok(assumed) if index == last => Ok(assumed.arn.as_str()),
            Ok(Assumed { alone: Some(cause), .. }) => Err(cause),
            Ok(assumed) => assumed.before.get(index).map_or(Ok(""), |arn| Ok(arn.as_str())),
        };
        let at = if index == 0 { At::ServiceAccount } else { At::AssumeRole };
        answer(subject, role, at, seen)
    };
    subject.roles.iter().enumerate().map(answer).collect()
}

fn answer(subject: &Subject, role: &RoleArn, at: At, seen: Result<&str, &Cause>) -> Answer {
    let asking = Asking {
        question: Question::CallerIdentity,
        at,
        cluster: Some(subject.name.clone()),
        who: subject.who(),
        about: format!("a session of `{role}`"),
    };
    let expected = without_path(role);
    match seen {
        Err(cause) => asking.unasked(expected, unassumed(role, cause)),
        Ok(arn) => {
            let seen = Caller::new(arn).map_or_else(|_| arn.to_owned(), |caller| caller.arn().to_owned());
            asking.equal(expected, seen)
        }
    }
}

/// What stands in the way of asking as a role.
fn unassumed(role: &RoleArn, cause: &Cause) -> Gap {
    Gap::new(format!("what `{role}` sees"), format!("it can't be assumed by the credentials at hand: {cause}"))
        .filled_by("let its trust policy name them while you verify, or ask from inside of a pod: `oarlock verify --job-manifest IMAGE`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_has_no_path_and_the_role_has() {
        let role: RoleArn = "arn:aws:iam::111122223333:role/argocd/hub".parse().unwrap();
        assert!(is_of("arn:aws:sts::111122223333:assumed-role/hub/x", &role));
        assert!(!is_of("arn:aws:sts::111122223333:assumed-role/other/x", &role));
        assert!(!is_of("arn:aws:sts::444455556666:assumed-role/hub/x", &role));
    }
}
