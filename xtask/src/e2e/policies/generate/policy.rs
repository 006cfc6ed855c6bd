//! Policies and their statements.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::{
    condition::conditions,
    pick,
    scene::{ACCOUNTS, PROVIDERS, SERVICES},
    text::arn_near,
};
use crate::e2e::policies::question::{Layer, Question, WhoKind};

/// Writes policies about a request.
pub(super) struct Writer<'a> {
    pub(super) rng: &'a mut Rng,
    pub(super) about: &'a Question,
}

/// The policy that a level has to begin with.
pub(super) fn full_access(layer: Layer) -> Value {
    let mut statement = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
    if let (Layer::Rcp, Some(statement)) = (layer, statement.as_object_mut()) {
        statement.insert("Principal".to_owned(), json!("*"));
    }
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

impl Writer<'_> {
    pub(super) fn one_in(&mut self, cases: u8) -> bool {
        self.rng.u8(..cases) == 0
    }

    pub(super) fn policies(&mut self, layer: Layer, how_many: std::ops::Range<usize>) -> Vec<Value> {
        (0..self.rng.usize(how_many)).map(|_| self.policy(layer)).collect()
    }

    pub(super) fn policy(&mut self, layer: Layer) -> Value {
        let version = match self.rng.u8(..20) {
            0 => None,
            1 => Some("2008-10-17"),
            _ => Some("2012-10-17"),
        };
        let count = pick(self.rng, &[1, 1, 2, 2, 3]);
        let has_variables = version == Some("2012-10-17");
        let statements: Vec<Value> = (0..count).map(|_| self.statement(layer, has_variables)).collect();
        match version {
            Some(version) => json!({ "Version": version, "Statement": statements }),
            None => json!({ "Statement": statements }),
        }
    }

    fn statement(&mut self, layer: Layer, has_variables: bool) -> Value {
        let is_deny = self.one_in(4);
        let mut statement = Map::new();
        statement.insert("Effect".to_owned(), if is_deny { "Deny" } else { "Allow" }.into());
        if layer.has_principals() {
            let (name, principal) = self.principal(layer, is_deny);
            statement.insert(name.to_owned(), principal);
        }
        let (name, actions) = self.actions();
        statement.insert(name.to_owned(), actions);
        if layer != Layer::Trust {
            let (name, resources) = self.resources(has_variables);
            statement.insert(name.to_owned(), resources);
        }
        if self.one_in(2) {
            let conditions = conditions(self.rng, self.about, has_variables);
            statement.insert("Condition".to_owned(), Value::Object(conditions));
        }
        Value::Object(statement)
    }

    fn actions(&mut self) -> (&'static str, Value) {
        let is_not = self.one_in(7);
        let aimed = self.one_in(5) == is_not;
        let count = self.rng.usize(1..3);
        let patterns: Vec<String> = (0..count).map(|_| self.action(aimed)).collect();
        (if is_not { "NotAction" } else { "Action" }, one_or_many(self.rng, patterns))
    }

    /// A pattern of the request's action, or of another.
    fn action(&mut self, aimed: bool) -> String {
        let action =
            if aimed { &self.about.action } else { pick(self.rng, &["s3:GetObjectAcl", "sqs:*", "eks:D*"]) };
        let (service, name) = action.split_once(':').unwrap_or((action, ""));
        let (first, rest) = name.split_at(name.len().min(3));
        match self.rng.u8(..12) {
            0 | 1 if aimed => "*".to_owned(),
            2 | 3 => format!("{service}:*"),
            4 => format!("{service}:{first}*"),
            5 => format!("{service}:*{rest}"),
            6 => format!("{service}:{first}?{}", rest.get(1..).unwrap_or_default()),
            7 => action.to_uppercase(),
            _ => action.to_owned(),
        }
    }

    fn resources(&mut self, has_variables: bool) -> (&'static str, Value) {
        let is_not = self.one_in(7);
        let count = self.rng.usize(1..3);
        let patterns: Vec<String> = (0..count).map(|_| self.resource(is_not, has_variables)).collect();
        (if is_not { "NotResource" } else { "Resource" }, one_or_many(self.rng, patterns))
    }

    fn resource(&mut self, is_not: bool, has_variables: bool) -> String {
        let others = ["arn:aws:s3:::data/ann", "arn:aws:iam::111122223333:role/hub"];
        match self.rng.u8(..10) {
            0..=2 if !is_not => "*".to_owned(),
            3 => pick(self.rng, &others).to_owned(),
            4 if self.one_in(3) => self.short_arn(),
            _ if self.about.resource == "*" => {
                pick(self.rng, &["*", "arn:aws:s3:::*", "arn:aws:s3:::data"]).to_owned()
            }
            _ => self.whole_arn(has_variables),
        }
    }

    /// Documents of the old version have no variables in their resources.
    fn whole_arn(&mut self, has_variables: bool) -> String {
        let pattern = arn_near(self.rng, &self.about.resource, self.about, has_variables);
        if has_variables || !pattern.contains("${") { pattern } else { self.about.resource.clone() }
    }

    /// An ARN that ends early, or lacks a field, as people write it who take a wildcard to reach over colons.
    fn short_arn(&mut self) -> String {
        let fields: Vec<&str> = self.about.resource.splitn(6, ':').collect();
        let [arn, partition, service, .., name] = *fields.as_slice() else { return "arn:aws:s3".to_owned() };
        if self.one_in(3) {
            return format!("{arn}:{partition}:{service}:*:{name}");
        }
        let count = self.rng.usize(3..6);
        fields.iter().take(count).copied().collect::<Vec<_>>().join(":")
    }

    fn principal(&mut self, layer: Layer, is_deny: bool) -> (&'static str, Value) {
        if matches!(layer, Layer::Rcp | Layer::Endpoint) {
            return ("Principal", json!("*"));
        }
        if is_deny && layer == Layer::Resource && self.one_in(3) {
            return ("NotPrincipal", json!({ "AWS": self.excepted() }));
        }
        match self.rng.u8(..10) {
            0 => ("Principal", json!("*")),
            1 => ("Principal", json!({ "AWS": "*" })),
            2 => ("Principal", json!({ "AWS": [self.somebody(), self.named()] })),
            3 => ("Principal", json!({ "AWS": self.somebody(), "Service": pick(self.rng, &SERVICES) })),
            _ => ("Principal", self.aimed()),
        }
    }

    /// Whoever asks, by one of the ways in which a policy may say so.
    fn aimed(&mut self) -> Value {
        match self.about.principal.kind {
            WhoKind::Service => json!({ "Service": [pick(self.rng, &SERVICES), self.about.principal.id] }),
            WhoKind::Federated => {
                let [oidc, other] = PROVIDERS;
                json!({ "Federated": pick(self.rng, &[oidc, other, &self.about.principal.id]) })
            }
            WhoKind::Aws | WhoKind::Anonymous => json!({ "AWS": self.named() }),
        }
    }

    fn named(&mut self) -> String {
        let ways = self.ways();
        self.rng.choice(&ways).cloned().unwrap_or_else(|| self.somebody())
    }

    /// Itself, its role or user, its account.
    fn ways(&self) -> Vec<String> {
        let about = self.about;
        let Some(account) = about.account() else { return Vec::new() };
        let itself = about.principal.id.clone();
        let kind = about.principal_field(5);
        let behind = match kind.split('/').collect::<Vec<_>>().as_slice() {
            ["assumed-role", "deploy", ..] => Some(format!("arn:aws:iam::{account}:role/ops/deploy")),
            ["assumed-role", role, ..] => Some(format!("arn:aws:iam::{account}:role/{role}")),
            ["federated-user", user] => Some(format!("arn:aws:iam::{account}:user/{user}")),
            _ => None,
        };
        let root = format!("arn:aws:iam::{account}:root");
        [itself, root].into_iter().chain(behind).collect()
    }

    fn somebody(&mut self) -> String {
        let account = pick(self.rng, &ACCOUNTS);
        let ways = ["user/ann", "user/carl", "role/hub", "role/ops/deploy", "root"];
        match self.rng.u8(..6) {
            0 => account.to_owned(),
            _ => format!("arn:aws:iam::{account}:{}", pick(self.rng, &ways)),
        }
    }

    /// Whom a `NotPrincipal` excepts: a principal with all by which it is known, as AWS wants it; seldom less.
    fn excepted(&mut self) -> Vec<String> {
        let ways = self.ways();
        if ways.is_empty() || self.one_in(3) {
            return vec![self.somebody(), "arn:aws:iam::111122223333:user/carl".to_owned()];
        }
        ways
    }
}

fn one_or_many(rng: &mut Rng, values: Vec<String>) -> Value {
    match values.as_slice() {
        [one] if rng.bool() => json!(one),
        several => json!(several),
    }
}
