//! `eks:DescribeAccessEntry` against `iam:GetRole`: an entry that is older than its role was made for an earlier one of that name,
//! and gives today's nothing (EKS User Guide, "Create access entries").

use access::At;
use aws_smithy_types::DateTime;
use facts::{Gap, RoleArn};
use inventory::{Inventory, Known};

use super::{Answer, Asking, Question, Subject, answer::Word};
use crate::{
    aws::{Aws, form::iso},
    cause::Cause,
};

/// Asked where there is an entry, or where nobody knows whether there is one.
pub(super) async fn answer(
    aws: &Aws,
    inventory: &Inventory,
    subject: &Subject,
    role: &RoleArn,
) -> Option<Answer> {
    let entries = &inventory.clusters.get(&subject.cluster)?.access_entries;
    let is_asked = match entries {
        Known::Known(entries) => entries.contains_key(&role.to_string()),
        Known::Gap(_) => true,
    };
    if !is_asked {
        return None;
    }
    let asking = Asking {
        question: Question::EntryAge,
        at: At::ClusterIdentity,
        cluster: Some(subject.name.clone()),
        who: subject.who(),
        about: format!("the access entry of `{role}`"),
    };
    let expected = "as old as the role, or younger";
    Some(match dates(aws, subject, role).await {
        Ok((entry, made)) => together(asking, expected, entry, made),
        Err(cause) => {
            let gap = Gap::new(
                format!("when the access entry of `{role}` was made, and when the role"),
                cause.to_string(),
            );
            asking.unasked(expected, gap.filled_by("permit `eks:DescribeAccessEntry` and `iam:GetRole`"))
        }
    })
}

fn together(asking: Asking, expected: &str, entry: DateTime, role: DateTime) -> Answer {
    let verdict = if entry >= role { Word::Holds } else { Word::Violated };
    let answered = format!("made at {}, the role at {}", iso(&entry), iso(&role));
    asking.said(verdict, expected.to_owned(), Some(answered), Vec::new())
}

async fn dates(aws: &Aws, subject: &Subject, role: &RoleArn) -> Result<(DateTime, DateTime), Cause> {
    let cluster = &subject.cluster;
    let eks = aws.session(&cluster.account, &cluster.region).await?.eks(&cluster.region);
    let entry = eks.describe_access_entry().cluster_name(&cluster.name).principal_arn(role.to_string());
    let entry = entry.send().await.map_err(|error| Cause::of_aws(&error))?;
    let entry = entry.access_entry().and_then(|entry| entry.created_at().copied());
    let iam = aws.session(&role.account, &cluster.region).await?.iam();
    let made = iam.get_role().role_name(&role.name).send().await.map_err(|error| Cause::of_aws(&error))?;
    let made = made.role().map(|role| *role.create_date());
    entry.zip(made).ok_or_else(|| Cause::new("the answer has no date"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_older_than_its_role_is_for_another() {
        let asking = || Asking {
            question: Question::EntryAge,
            at: At::ClusterIdentity,
            cluster: None,
            who: String::new(),
            about: String::new(),
        };
        let word = |entry, role| {
            together(asking(), "", DateTime::from_secs(entry), DateTime::from_secs(role)).verdict
        };
        assert_eq!(word(2, 1), Word::Holds);
        assert_eq!(word(1, 1), Word::Holds);
        assert_eq!(word(1, 2), Word::Violated);
    }
}
