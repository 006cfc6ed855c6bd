//! The ConfigMap aws-auth, read as the authenticator reads it (aws-iam-authenticator, pkg/mapper/configmap/configmap.go).

mod edit;
mod item;
mod problem;

use facts::{Gap, Place};
use inventory::Cluster;
use serde_json::Value;

pub use edit::{elements_of, without};
pub use item::{Item, Sso};
pub use problem::{BlockProblem, ItemProblem};

/// What aws-auth says, with what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AwsAuth {
    /// The ConfigMap's place; none if the cluster hasn't got one.
    pub place: Option<Place>,
    /// `mapRoles`
    pub roles: Block<Item>,
    /// `mapUsers`
    pub users: Block<Item>,
    /// `mapAccounts`: account ids as written.
    pub accounts: Block<String>,
}

/// One of its blocks of text.
#[derive(Clone, Debug, PartialEq)]
pub struct Block<T> {
    /// In their order; those that the authenticator drops, too.
    pub items: Vec<T>,
    /// Why there are none.
    pub problem: Option<BlockProblem>,
}

impl<T> Default for Block<T> {
    fn default() -> Self {
        Self { items: Vec::new(), problem: None }
    }
}

impl<T> Block<T> {
    /// What isn't known if our parser refuses the text: whether the authenticator's refuses it too.
    pub fn gap(&self, key: &str) -> Option<Gap> {
        let problem = self.problem.as_ref().filter(|problem| **problem != BlockProblem::NotAList)?;
        let fill = format!("mend `{key}` of the ConfigMap aws-auth in kube-system");
        Some(Gap::new(format!("whom `{key}` of aws-auth maps"), problem.to_string()).filled_by(fill))
    }
}

impl AwsAuth {
    /// Of a cluster's objects, whether its authentication mode reads it or not. A ConfigMap that isn't there maps nobody.
    ///
    /// # Errors
    /// The ConfigMaps weren't read.
    pub fn of(cluster: &Cluster) -> Result<Self, Gap> {
        cluster.kubernetes.list("configmaps")?;
        let map = cluster.kubernetes.find("configmaps", Some("kube-system"), "aws-auth");
        Ok(map.map_or_else(Self::default, |map| Self::read(map.body.at("/data").as_ref(), map.place.clone())))
    }

    /// Of the ConfigMap's `data`, whose keys are case-sensitive.
    pub fn read(data: Option<&Value>, place: Place) -> Self {
        let block = |key, zeros| block(data.and_then(|data| data.get(key)), zeros);
        Self {
            place: Some(place),
            roles: items(block("mapRoles", Zeros::Number), "rolearn"),
            users: items(block("mapUsers", Zeros::Number), "userarn"),
            accounts: accounts(block("mapAccounts", Zeros::Text)),
        }
    }
}

/// What digits after a zero are, without quotes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Zeros {
    /// A number, as nearly everywhere.
    Number,
    /// What stands there, where text is wanted.
    Text,
}

/// The elements of a block's text (`ParseMap`): an empty text has none.
fn block(text: Option<&Value>, zeros: Zeros) -> Block<Value> {
    let Some(text) = text else { return Block::default() };
    let Some(text) = text.as_str() else {
        return Block { items: Vec::new(), problem: Some(BlockProblem::NotText) };
    };
    if matches!(text.trim(), "" | "``" | "\"\"" | "''") {
        return Block::default();
    }
    match parse(text, zeros) {
        Ok(Value::Null) => Block::default(),
        Ok(Value::Array(items)) => Block { items, problem: None },
        Ok(_) => Block { items: Vec::new(), problem: Some(BlockProblem::NotAList) },
        Err(why) => Block { items: Vec::new(), problem: Some(BlockProblem::NotYaml(why)) },
    }
}

/// As Go's parser: the last of equal keys counts.
fn parse(text: &str, zeros: Zeros) -> Result<Value, String> {
    let options = serde_saphyr::options! {
        duplicate_keys: serde_saphyr::options::DuplicateKeyPolicy::LastWins,
        leading_zero_numbers_as_strings: zeros == Zeros::Text,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| one_line(&error.to_string()))
}

fn one_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

fn items(block: Block<Value>, key: &'static str) -> Block<Item> {
    let mut items: Vec<Item> =
        block.items.iter().enumerate().map(|(index, value)| Item::read(index, value, key)).collect();
    item::supersede(&mut items, key == "rolearn");
    Block { items, problem: block.problem }
}

/// Another parser reads these: it takes numbers for text, and leaves out what is neither (gopkg.in/yaml.v2, `scalar`).
fn accounts(block: Block<Value>) -> Block<String> {
    let text = |value: Value| match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    Block { items: block.items.into_iter().filter_map(text).collect(), problem: block.problem }
}
