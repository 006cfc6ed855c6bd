//! `iam:SimulatePrincipalPolicy`: AWS's own simulator as a second opinion on which role may assume which.
//!
//! It knows the caller's side: its policies, its boundary, and of the organisation's policies what has no conditions. Of the trust
//! policy it knows nothing (IAM User Guide, "Testing IAM policies with the IAM policy simulator"). So its yes says nothing against
//! our no; and within one account, where a trust policy that names the caller is enough, its silence says nothing against our yes.

use access::{At, Hop, Passes};
use aws_sdk_iam::types::PolicyEvaluationDecisionType as Decision;
use facts::{Gap, RoleArn};

use super::{Answer, Asking, Question, Subject, answer::Word};
use crate::{aws::Aws, cause::Cause};

/// Each step from a role to the next.
pub(super) async fn answers(aws: &Aws, subject: &Subject) -> Vec<Answer> {
    let hops = subject.hops.iter().filter(|hop| hop.at == At::AssumeRole);
    let steps = subject.roles.windows(2).zip(hops);
    let mut answers = Vec::new();
    for (roles, hop) in steps {
        if let [from, to] = roles {
            let decided = simulate(aws, from, to, &subject.cluster.region).await;
            answers.push(answer(subject, (from, to), hop, decided));
        }
    }
    answers
}

async fn simulate(aws: &Aws, from: &RoleArn, to: &RoleArn, region: &str) -> Result<Decision, Cause> {
    let iam = aws.session(&from.account, region).await?.iam();
    let simulated = iam
        .simulate_principal_policy()
        .policy_source_arn(from.to_string())
        .action_names("sts:AssumeRole")
        .resource_arns(to.to_string())
        .send()
        .await
        .map_err(|error| Cause::of_aws(&error))?;
    let result = simulated.evaluation_results().first();
    result
        .map(|result| result.eval_decision.clone())
        .ok_or_else(|| Cause::new("the simulator gave no result"))
}

fn answer(
    subject: &Subject,
    (from, to): (&RoleArn, &RoleArn),
    hop: &Hop,
    decided: Result<Decision, Cause>,
) -> Answer {
    let asking = Asking {
        question: Question::Simulation,
        at: At::AssumeRole,
        cluster: Some(subject.name.clone()),
        who: subject.who(),
        about: format!("`{from}` assumes `{to}`"),
    };
    let expected = match &hop.passes {
        Passes::Yes => "allowed",
        Passes::No => "not allowed",
        Passes::Unknown { .. } => "not known",
    };
    let decided = match decided {
        Ok(decided) => decided,
        Err(cause) => {
            let gap = Gap::new(format!("what IAM's simulator says of `{from}`"), cause.to_string());
            return asking.unasked(expected, gap.filled_by("permit `iam:SimulatePrincipalPolicy`"));
        }
    };
    let (verdict, missing) = together(&hop.passes, &decided, from.account == to.account);
    asking.said(verdict, expected.to_owned(), Some(decided.as_str().to_owned()), missing)
}

fn together(ours: &Passes, theirs: &Decision, same_account: bool) -> (Word, Vec<Gap>) {
    let open = |cause: &str| vec![Gap::new("whether the trust policy lets it", cause)];
    match (ours, theirs) {
        (Passes::No, _) | (_, Decision::ExplicitDeny) => (Word::Violated, Vec::new()),
        (Passes::Yes, Decision::Allowed) => (Word::Holds, Vec::new()),
        (Passes::Yes, Decision::ImplicitDeny) if same_account => {
            (Word::Unknown, open("within one account it may be enough, and the simulator doesn't look at it"))
        }
        (Passes::Unknown { missing }, Decision::Allowed) => (Word::Unknown, missing.clone()),
        (_, Decision::ImplicitDeny) => (Word::Violated, Vec::new()),
        (_, other) => (Word::Unknown, open(&format!("the simulator says `{}`", other.as_str()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disagreements_are_shown_and_silence_about_trust_is_none() {
        let word = |ours: &Passes, theirs: Decision, same| together(ours, &theirs, same).0;
        let unknown = Passes::Unknown { missing: Vec::new() };
        assert_eq!(word(&Passes::Yes, Decision::Allowed, false), Word::Holds);
        assert_eq!(word(&Passes::Yes, Decision::ImplicitDeny, false), Word::Violated);
        assert_eq!(word(&Passes::Yes, Decision::ImplicitDeny, true), Word::Unknown);
        assert_eq!(word(&Passes::Yes, Decision::ExplicitDeny, true), Word::Violated);
        assert_eq!(word(&Passes::No, Decision::Allowed, false), Word::Violated);
        assert_eq!(word(&unknown, Decision::Allowed, false), Word::Unknown);
    }
}
