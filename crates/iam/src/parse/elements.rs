//! The elements of a statement but its principals.

use super::{Fields, Reader, field};
use crate::{
    Conditions, Effect, Element, Kind, Reason, Statement, Values, Version, json::Node, operator, place::Trail,
};

const ELEMENTS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

impl Reader {
    /// A statement, if its effect and its actions are known.
    pub(super) fn statement(&mut self, node: &Node<'_>, path: &Trail<'_>) -> Option<Statement> {
        let fields = self.fields(node, path, &ELEMENTS)?;
        let sid = field(&fields, "Sid").and_then(|sid| self.sid(sid, &path.key("Sid")));
        let effect = self.effect(&fields, path);
        let principals = self.principals(&fields, effect, path);
        let actions = self.either(&fields, "Action", "NotAction", path, Self::check_action);
        if actions.is_none() && !fields.iter().any(|(key, _)| key.ends_with("Action")) {
            self.note(path, Reason::Missing("Action"));
        }
        let resources = self.either(&fields, "Resource", "NotResource", path, Self::check_resource);
        self.check_presence(&fields, path);
        let conditions =
            field(&fields, "Condition").map(|node| self.conditions(node, &path.key("Condition")));
        Some(Statement {
            sid: sid.unwrap_or_default(),
            effect: effect?,
            principals,
            actions: actions?,
            resources,
            conditions: conditions.unwrap_or_default(),
        })
    }

    /// The `Sid`. Other services than IAM take more characters than letters and digits.
    fn sid(&mut self, node: &Node<'_>, path: &Trail<'_>) -> Option<String> {
        let sid = self.text(node, path)?;
        let is_plain = sid.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_plain && matches!(self.kind, Kind::Identity | Kind::Trust) {
            self.note(path, Reason::SidCharacters(sid.clone()));
        }
        Some(sid)
    }

    fn effect(&mut self, fields: &Fields<'_, '_>, path: &Trail<'_>) -> Option<Effect> {
        let Some(node) = field(fields, "Effect") else {
            self.note(path, Reason::Missing("Effect"));
            return None;
        };
        let path = path.key("Effect");
        match self.text(node, &path)?.as_str() {
            "Allow" => Some(Effect::Allow),
            "Deny" => Some(Effect::Deny),
            other => {
                self.note(&path, Reason::UnknownEffect(other.to_owned()));
                None
            }
        }
    }

    /// An element and its inversion, of which a statement has one.
    fn either(
        &mut self,
        fields: &Fields<'_, '_>,
        name: &'static str,
        inverted: &'static str,
        path: &Trail<'_>,
        check: fn(&mut Self, &str, &Trail<'_>),
    ) -> Option<Element<Values>> {
        match (field(fields, name), field(fields, inverted)) {
            (Some(_), Some(_)) => {
                self.note(&path.key(inverted), Reason::BothWays(name));
                None
            }
            (Some(node), None) => Some(Element::Only(self.values(node, &path.key(name), check))),
            (None, Some(node)) => Some(Element::AllBut(self.values(node, &path.key(inverted), check))),
            (None, None) => None,
        }
    }

    /// One string or a list of them.
    pub(super) fn values(
        &mut self,
        node: &Node<'_>,
        path: &Trail<'_>,
        check: fn(&mut Self, &str, &Trail<'_>),
    ) -> Values {
        let nodes = match node {
            Node::List(nodes) => nodes.as_slice(),
            one => std::slice::from_ref(one),
        };
        if nodes.is_empty() {
            self.note(path, Reason::Empty);
        }
        let mut values = Values::new();
        for (number, node) in nodes.iter().enumerate() {
            let path = path.index(number);
            if let Some(value) = self.text(node, &path) {
                check(self, &value, &path);
                values.insert(value);
            }
        }
        values
    }

    fn check_action(&mut self, action: &str, path: &Trail<'_>) {
        if action == "*" {
            return;
        }
        match action.split_once(':') {
            Some(("*", "*")) => {}
            Some((service, name)) if !service.is_empty() && !name.is_empty() => {
                if service.contains(['*', '?']) {
                    self.note(path, Reason::WildcardService(action.to_owned()));
                }
            }
            _ => self.note(path, Reason::NoAction(action.to_owned())),
        }
    }

    fn check_resource(&mut self, resource: &str, path: &Trail<'_>) {
        if self.version == Version::V2008 && resource.contains("${") {
            self.note(path, Reason::VariableInOldVersion(resource.to_owned()));
        }
        let is_arn = resource.starts_with("arn:") || resource.starts_with("${");
        if !is_arn && !resource.bytes().all(|byte| byte == b'*') {
            self.note(path, Reason::NoArn(resource.to_owned()));
        }
    }

    /// Which elements a policy of this kind must have, and must not.
    fn check_presence(&mut self, fields: &Fields<'_, '_>, path: &Trail<'_>) {
        let has = |names: [&'static str; 2]| names.into_iter().find(|name| field(fields, name).is_some());
        let resource = has(["Resource", "NotResource"]);
        match (self.kind, resource) {
            (Kind::Trust, Some(name)) => self.note(&path.key(name), Reason::Misplaced("Resource")),
            (Kind::Trust, None) | (_, Some(_)) => {}
            (_, None) => self.note(path, Reason::Missing("Resource")),
        }
        let principal = has(["Principal", "NotPrincipal"]);
        match (self.kind, principal) {
            (Kind::Identity | Kind::ServiceControl, Some(name)) => {
                self.note(&path.key(name), Reason::Misplaced("Principal"));
            }
            (Kind::Resource | Kind::Trust | Kind::ResourceControl, None) => {
                self.note(path, Reason::Missing("Principal"));
            }
            _ => {}
        }
    }

    fn conditions(&mut self, node: &Node<'_>, path: &Trail<'_>) -> Conditions {
        let mut conditions = Conditions::new();
        let Node::Object(operators) = node else {
            self.note(path, Reason::Shape { wanted: "an object", found: node.kind() });
            return conditions;
        };
        for (operator, keys) in operators {
            let path = path.key(operator);
            if operator::named(operator).is_none() {
                self.note(&path, Reason::UnknownOperator(operator.to_string()));
            }
            if conditions.contains_key(&**operator) {
                self.note(&path, Reason::Repeated(operator.to_string()));
            }
            let Node::Object(keys) = keys else {
                self.note(&path, Reason::Shape { wanted: "an object", found: keys.kind() });
                continue;
            };
            let entry = conditions.entry(operator.to_string()).or_default();
            for (key, values) in keys {
                let path = path.key(key);
                if entry.contains_key(&**key) {
                    self.note(&path, Reason::Repeated(key.to_string()));
                }
                entry.insert(key.to_string(), self.condition_values(values, &path));
            }
        }
        conditions
    }

    /// Values of a condition: numbers and booleans may stand without quotation marks.
    fn condition_values(&mut self, node: &Node<'_>, path: &Trail<'_>) -> Values {
        let nodes = match node {
            Node::List(nodes) => nodes.as_slice(),
            one => std::slice::from_ref(one),
        };
        let mut values = Values::new();
        for (number, node) in nodes.iter().enumerate() {
            let value = match node {
                Node::Text(text) => text.to_string(),
                Node::Scalar(text) => text.clone(),
                other => {
                    let shape = Reason::Shape { wanted: "a string", found: other.kind() };
                    self.note(&path.index(number), shape);
                    continue;
                }
            };
            if self.version == Version::V2008 && value.contains("${") {
                self.note(&path.index(number), Reason::VariableIsText(value.clone()));
            }
            values.insert(value);
        }
        values
    }
}
