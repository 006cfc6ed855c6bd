//! One template for several accounts: what differs becomes a parameter, or the account and region of the stack.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Stack;

/// A template and what each account gives for its parameters.
pub(super) struct StackSet<'a> {
    /// `iam`, `eks`, with a number where there are several.
    pub(super) name: String,
    pub(super) template: Value,
    /// Parameter overrides by target, as `create-stack-instances` reads them.
    pub(super) parameters: BTreeMap<String, Value>,
    pub(super) stacks: Vec<&'a Stack>,
}

/// Stacks of one service and one shape, with their templates.
struct Group<'a> {
    service: &'static str,
    shape: String,
    stacks: Vec<(&'a Stack, Value)>,
}

/// CloudFormation's limit on parameters (CloudFormation User Guide, "Quotas").
const MOST_PARAMETERS: usize = 200;

/// A StackSet for every two or more stacks that have the same shape: the same resources with the same keys.
pub(super) fn sets(stacks: &[Stack]) -> Vec<StackSet<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for stack in stacks {
        let template = numbered(&stack.template);
        let (service, shape) = (stack.service(), shape(&template).to_string());
        match groups.iter_mut().find(|group| group.service == service && group.shape == shape) {
            Some(group) => group.stacks.push((stack, template)),
            None => groups.push(Group { service, shape, stacks: vec![(stack, template)] }),
        }
    }
    let mut sets: Vec<StackSet<'_>> = Vec::new();
    for Group { service, stacks, .. } in groups {
        let before = sets.iter().filter(|set| set.name.starts_with(service)).count();
        let name = if before == 0 { service.to_owned() } else { format!("{service}-{}", before + 1) };
        sets.extend(merged(name, &stacks));
    }
    sets
}

/// The template with logical ids by type and position: names differ between accounts, ids of one template cannot.
fn numbered(template: &Value) -> Value {
    let resources = template.get("Resources").and_then(Value::as_object);
    let mut ids: BTreeMap<&str, String> = BTreeMap::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (id, resource) in resources.into_iter().flatten() {
        let kind = resource
            .get("Type")
            .and_then(Value::as_str)
            .and_then(|kind| kind.rsplit("::").next())
            .unwrap_or("Resource");
        let count = counts.entry(kind).or_default();
        *count += 1;
        ids.insert(id, format!("{kind}{count}"));
    }
    let renamed: Map<String, Value> = resources
        .into_iter()
        .flatten()
        .map(|(id, resource)| (ids.get(id.as_str()).unwrap_or(id).clone(), references(&bare(resource), &ids)))
        .collect();
    let mut out = template.clone();
    if let Value::Object(map) = &mut out {
        map.insert("Resources".to_owned(), Value::Object(renamed));
    }
    out
}

/// A resource without its reason, which speaks of one cluster.
fn bare(resource: &Value) -> Value {
    let mut out = resource.clone();
    if let Value::Object(map) = &mut out {
        map.shift_remove("Metadata");
    }
    out
}

/// `Ref` and `DependsOn` with the new ids.
fn references(value: &Value, ids: &BTreeMap<&str, String>) -> Value {
    let rename = |value: &Value| value.as_str().and_then(|id| ids.get(id)).map(|id| json!(id));
    match value {
        Value::Object(map) => Value::Object(
            map.iter()
                .map(|(key, inner)| match (key.as_str(), inner) {
                    ("Ref", inner) => (key.clone(), rename(inner).unwrap_or_else(|| inner.clone())),
                    ("DependsOn", Value::Array(list)) => (
                        key.clone(),
                        list.iter().map(|id| rename(id).unwrap_or_else(|| id.clone())).collect(),
                    ),
                    _ => (key.clone(), references(inner, ids)),
                })
                .collect(),
        ),
        Value::Array(list) => list.iter().map(|inner| references(inner, ids)).collect(),
        scalar => scalar.clone(),
    }
}

/// `value` without its text: what two templates must have in common.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            Value::Object(map.iter().map(|(key, inner)| (key.clone(), shape(inner))).collect())
        }
        Value::Array(list) => list.iter().map(shape).collect(),
        Value::String(_) => json!(""),
        scalar => scalar.clone(),
    }
}

/// Nothing for a single stack, and where CloudFormation would not take so many parameters.
fn merged<'a>(name: String, group: &[(&'a Stack, Value)]) -> Option<StackSet<'a>> {
    if group.len() < 2 {
        return None;
    }
    let stacks: Vec<&Stack> = group.iter().map(|(stack, _)| *stack).collect();
    let mut merge = Merge { stacks: &stacks, parameters: Vec::new() };
    let values: Vec<&Value> = group.iter().map(|(_, template)| template).collect();
    let mut template = merge.value(&values, &[]);
    if merge.parameters.len() > MOST_PARAMETERS {
        return None;
    }
    if let (Value::Object(map), false) = (&mut template, merge.parameters.is_empty()) {
        let resources = map.shift_remove("Resources");
        let kinds =
            merge.parameters.iter().map(|(name, _)| (name.clone(), json!({"Type": "String"}))).collect();
        map.insert("Parameters".to_owned(), Value::Object(kinds));
        map.extend(resources.map(|resources| ("Resources".to_owned(), resources)));
    }
    let overrides = |at: usize| -> Value {
        merge
            .parameters
            .iter()
            .map(|(name, values)| json!({"ParameterKey": name, "ParameterValue": values.get(at)}))
            .collect()
    };
    let parameters = stacks.iter().enumerate().map(|(at, stack)| (stack.target(), overrides(at))).collect();
    Some(StackSet { name, template, parameters, stacks })
}

struct Merge<'a> {
    stacks: &'a [&'a Stack],
    /// Name, and the value of each stack.
    parameters: Vec<(String, Vec<String>)>,
}

impl Merge<'_> {
    /// `values` have one shape; their path names parameters.
    fn value(&mut self, values: &[&Value], path: &[String]) -> Value {
        let Some(first) = values.first() else { return Value::Null };
        let below = |step: &str| -> Vec<String> { path.iter().cloned().chain([step.to_owned()]).collect() };
        match first {
            Value::Object(map) => Value::Object(
                map.keys()
                    .map(|key| {
                        let inner: Vec<&Value> = values.iter().filter_map(|value| value.get(key)).collect();
                        (key.clone(), self.value(&inner, &below(key)))
                    })
                    .collect(),
            ),
            Value::Array(list) => (0..list.len())
                .map(|at| {
                    let inner: Vec<&Value> = values.iter().filter_map(|value| value.get(at)).collect();
                    self.value(&inner, &below(&(at + 1).to_string()))
                })
                .collect(),
            Value::String(_) => {
                self.text(&values.iter().filter_map(|value| value.as_str()).collect::<Vec<_>>(), path)
            }
            scalar => (*scalar).clone(),
        }
    }

    /// Text that is the same stays; text that differs by its stack's account or region only is substituted; the rest
    /// becomes a parameter, one for all places where the stacks have the same values.
    fn text(&mut self, values: &[&str], path: &[String]) -> Value {
        let Some(first) = values.first() else { return Value::Null };
        if values.iter().all(|value| value == first) {
            return json!(first);
        }
        let patterns: Vec<String> =
            values.iter().zip(self.stacks).map(|(value, stack)| pattern(value, stack)).collect();
        if let Some(same) = patterns.first().filter(|first| patterns.iter().all(|other| other == *first)) {
            return if same == "${AWS::AccountId}" || same == "${AWS::Region}" {
                json!({"Ref": same.trim_start_matches("${").trim_end_matches('}')})
            } else {
                json!({"Fn::Sub": same})
            };
        }
        let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        if let Some((name, _)) = self.parameters.iter().find(|(_, known)| *known == values) {
            return json!({"Ref": name});
        }
        let name = self.parameter_name(path);
        self.parameters.push((name.clone(), values));
        json!({"Ref": name})
    }

    /// The path below `Resources`, without what every path has in it.
    fn parameter_name(&self, path: &[String]) -> String {
        let words = path.iter().filter(|step| !matches!(step.as_str(), "Resources" | "Properties"));
        let all: String =
            words.flat_map(|step| step.chars()).filter(char::is_ascii_alphanumeric).take(200).collect();
        if self.parameters.iter().any(|(name, _)| *name == all) {
            format!("{all}x{}", self.parameters.len())
        } else {
            all
        }
    }
}

/// `value` for `Fn::Sub`: the stack's account and region as pseudo parameters, literal `${` escaped as `${!`
/// (CloudFormation User Guide, "Fn::Sub").
fn pattern(value: &str, stack: &Stack) -> String {
    let mut out = value.replace("${", "${!").replace(stack.account.as_str(), "${AWS::AccountId}");
    if let Some(region) = &stack.region {
        out = out.replace(region.as_str(), "${AWS::Region}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(account: &str, region: Option<&str>, properties: Value) -> Stack {
        Stack {
            account: account.parse().unwrap(),
            region: region.map(str::to_owned),
            template: json!({"Resources": {format!("Role{account}"): {"Type": "AWS::IAM::Role", "Properties": properties}}}),
        }
    }

    #[test]
    fn what_differs_by_account_and_region_only_needs_no_parameter() {
        let of = |account: &str, region: &str| {
            let arn = format!("arn:aws:eks:{region}:{account}:cluster/${{x}}");
            stack(account, Some(region), json!({"Arn": arn, "Account": account, "Path": "/"}))
        };
        let stacks = [of("111122223333", "eu-west-1"), of("444455556666", "us-east-1")];
        let sets = sets(&stacks);
        assert_eq!(
            sets[0].template["Resources"]["Role1"]["Properties"],
            json!({
                "Arn": {"Fn::Sub": "arn:aws:eks:${AWS::Region}:${AWS::AccountId}:cluster/${!x}"},
                "Account": {"Ref": "AWS::AccountId"},
                "Path": "/",
            })
        );
        assert_eq!(sets[0].parameters["444455556666-us-east-1"], json!([]));
    }

    #[test]
    fn other_differences_become_one_parameter_for_equal_values() {
        let of =
            |account: &str, name: &str| stack(account, None, json!({"RoleName": name, "Description": name}));
        let stacks = [of("111122223333", "a"), of("444455556666", "b")];
        let sets = sets(&stacks);
        assert_eq!(sets[0].template["Parameters"], json!({"Role1RoleName": {"Type": "String"}}));
        assert_eq!(
            sets[0].parameters["444455556666"],
            json!([{"ParameterKey": "Role1RoleName", "ParameterValue": "b"}])
        );
    }

    #[test]
    fn stacks_of_another_shape_stay_apart() {
        let stacks = [
            stack("111122223333", None, json!({"RoleName": "a"})),
            stack("444455556666", None, json!({"RoleName": "b", "Path": "/"})),
        ];
        assert!(sets(&stacks).is_empty());
    }
}
