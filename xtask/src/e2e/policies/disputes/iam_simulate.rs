//! iam-simulate 0.1.173. It knows all layers, of session policies one.

use serde_json::json;

use super::{
    ARNS, MULTIVALUED, OPERATORS, VARIABLES, allow_all, complete_arns, dates, drop_empty_lists,
    drop_strangers, is_service_linked, open_limits, unwrap_lists_of_one, values,
};
use crate::e2e::policies::{
    arn,
    dispute::Dispute,
    edit::{Becomes, texts},
    question::{Question, WhoKind},
    value::{as_date, as_range, halves, is_epoch},
    variable::fill,
};

pub(in super::super) fn takes(question: &Question) -> Option<Question> {
    Some(question.clone())
}

pub(in super::super) const DISPUTES: &[Dispute] = &[
    Dispute {
        about: "an address as a range of one",
        because: "a single address is compared as text, so that `NotIpAddress` fails for one of the other family",
        page: OPERATORS,
        in_other_words: |question| addresses(question, |value| vec![as_range(value)]),
    },
    Dispute {
        about: "a range of all addresses",
        because: "`/0` is read as `/32`, because JavaScript shifts by the number of bits modulo 32",
        page: OPERATORS,
        in_other_words: |question| addresses(question, halves),
    },
    Dispute {
        about: "a date in seconds",
        because: "seconds since 1970 are compared with the milliseconds of other dates",
        page: OPERATORS,
        in_other_words: |question| dates(question, is_epoch, as_date),
    },
    Dispute {
        about: "a value of another kind than the operator's",
        because: "what begins like a number counts as one, and whatever JavaScript takes for a date is one; \
                  and binary values are compared as text",
        page: OPERATORS,
        in_other_words: drop_strangers,
    },
    Dispute {
        about: "IfExists of no value at all",
        because: "`ForAnyValue:…IfExists` is not met by a key that is absent",
        page: OPERATORS,
        in_other_words: if_exists,
    },
    Dispute {
        about: "an empty list",
        because: "a key without values counts as present",
        page: MULTIVALUED,
        in_other_words: drop_empty_lists,
    },
    Dispute {
        about: "a list of one",
        because: "it takes a set operator even for one value; what counts is how many the request has",
        page: MULTIVALUED,
        in_other_words: unwrap_lists_of_one,
    },
    Dispute {
        about: "a variable in the first fields of an ARN",
        because: "the colon in it separates fields there, and what kind of resource it is can't have one",
        page: VARIABLES,
        in_other_words: |question| fill(question, |_, before, _| is_early(before)),
    },
    Dispute {
        about: "a variable without a value beside a field that differs",
        because: "it isn't looked at when an earlier field of the ARN differs, so that `Not…` matches",
        page: VARIABLES,
        in_other_words: |question| {
            fill(question, |question, _, variable| variable.value(question).is_none());
        },
    },
    Dispute {
        about: "a variable that is empty",
        because: "an empty value counts as none, and a default that is empty or has a comma as none, too",
        page: VARIABLES,
        in_other_words: |question| {
            fill(question, |question, _, variable| {
                let is_odd = |text: &str| text.is_empty() || text.contains(", ");
                variable.value(question) == Some("") || variable.default.is_some_and(is_odd)
            });
        },
    },
    Dispute {
        about: "a variable for a character",
        because: "`${*}`, `${?}` and `${$}` stand for themselves in operators without wildcards",
        page: VARIABLES,
        in_other_words: characters,
    },
    Dispute {
        about: "a variable of the old version",
        because: "policies of version 2008-10-17 have no variables",
        page: VARIABLES,
        in_other_words: old_variables,
    },
    Dispute {
        about: "an ARN that ends early",
        because: "`NotResource` never matches beside one, and in some policies it means nothing",
        page: ARNS,
        in_other_words: complete_arns,
    },
    Dispute {
        about: "a bucket with a wildcard for service, region or account",
        because: "its name is taken for a kind of resource, which can't have wildcards",
        page: ARNS,
        in_other_words: buckets,
    },
    Dispute {
        about: "SCPs on who is bound by none",
        because: "they bind no services, no identity provider's people and no service-linked roles",
        page: "Organizations User Guide, Service control policies",
        in_other_words: |question| {
            if question.principal.kind != WhoKind::Aws || is_service_linked(question) {
                question.scps.clear();
            }
        },
    },
    Dispute {
        about: "RCPs on service-linked roles",
        because: "they don't bind those",
        page: "Organizations User Guide, Resource control policies",
        in_other_words: |question| {
            if is_service_linked(question) {
                question.rcps.clear();
            }
        },
    },
    Dispute {
        about: "a session that the resource names",
        because: "session policies don't limit what a resource's policy gives to the session itself",
        page: "IAM User Guide, Policy evaluation for requests within a single account",
        in_other_words: open_limits,
    },
    Dispute {
        about: "the root user",
        because: "it may everything in its account without a policy of its own",
        page: "IAM User Guide, AWS account root user",
        in_other_words: |question| {
            if question.principal_field(5) == "root" {
                question.identity_policies.push(allow_all());
            }
        },
    },
    Dispute {
        about: "an identity provider's account",
        because: "who comes from a provider is none of the account's users and roles, whom the account's number means",
        page: "IAM User Guide, AWS JSON policy elements: Principal",
        in_other_words: providers,
    },
    Dispute {
        about: "an identity provider by its host name",
        because: "it counts as another account's, who needs a policy of its own",
        page: "IAM User Guide, AWS JSON policy elements: Principal",
        in_other_words: |question| {
            if question.principal.kind == WhoKind::Federated && !question.principal.id.starts_with("arn:") {
                question.identity_policies.push(allow_all());
            }
        },
    },
];

/// Other accounts' principals are as much none of a provider's people.
fn providers(question: &mut Question) {
    let Some(account) = question.principal.id.split(':').nth(4).map(str::to_owned) else { return };
    if question.principal.kind != WhoKind::Federated {
        return;
    }
    question.each_statement(|place| {
        if let Some(aws) = place.statement.get_mut("Principal").and_then(|principal| principal.get_mut("AWS"))
        {
            *aws =
                json!(texts(aws).iter().map(|aws| aws.replace(&account, "999999999999")).collect::<Vec<_>>());
        }
    });
}

fn addresses(question: &mut Question, change: impl Fn(&str) -> Vec<String>) {
    question.each_condition(|condition| {
        if ["ipaddress", "notipaddress"].contains(&&*condition.base()) {
            condition.values = condition.values.iter().flat_map(|value| change(value)).collect();
        }
        Becomes::Itself
    });
}

fn if_exists(question: &mut Question) {
    let context = question.clone();
    question.each_condition(|condition| {
        let is_absent = values(&context, &condition.key).is_empty();
        let is_about = condition.is_if_exists() && condition.has_prefix("ForAnyValue");
        if is_about && is_absent { Becomes::Met } else { Becomes::Itself }
    });
}

/// Whether what follows is in the first five fields of an ARN, or in the sixth before its first separator.
fn is_early(before: &str) -> bool {
    let fields = arn::fields(before);
    let in_last = fields.get(5).is_some_and(|last| last.contains(['/', ':']));
    let is_bucket = before.starts_with("arn:aws:s3:::");
    before.starts_with("arn:") && !in_last && !is_bucket
}

fn characters(question: &mut Question) {
    question.each_condition(|condition| {
        if condition.takes_variables() && !condition.has_wildcards() {
            for value in &mut condition.values {
                *value = value.replace("${*}", "*").replace("${?}", "?").replace("${$}", "$");
            }
        }
        Becomes::Itself
    });
}

/// No value of a request has `${` in it, so that any other two characters are as good.
fn old_variables(question: &mut Question) {
    question.each_condition(|condition| {
        if !condition.has_variables {
            condition.values.iter_mut().for_each(|value| *value = value.replace("${", "\u{a7}{"));
        }
        Becomes::Itself
    });
}

/// A pattern that is about buckets, too, is about nothing else when the resource is one.
fn buckets(question: &mut Question) {
    if !question.resource.starts_with("arn:aws:s3:::") {
        return;
    }
    question.each_resource(|resources, _, _| {
        for resource in resources {
            let fields = arn::fields(resource);
            if let [arn, partition, service, region, account, name] = *fields.as_slice()
                && arn::glob("s3", service)
                && arn::glob("", region)
                && arn::glob("", account)
            {
                *resource = format!("{arn}:{partition}:s3:::{name}");
            }
        }
        Becomes::Itself
    });
}
