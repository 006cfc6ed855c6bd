//! What people do about what is missing depends on where they give it.

use crate::{Choice, ObjectRef};

/// Where Oarlock's input comes from, so that findings and gaps say what to do in words that fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InputFrom {
    /// A fleet file and an inventory: `oarlock plan`.
    #[default]
    Fleet,
    /// The arguments of `oarlock needs`, which has neither.
    Arguments,
}

impl InputFrom {
    /// Where somebody writes what they choose for a role, as a line to paste.
    pub fn choosing(self, role: &ObjectRef, choice: Choice) -> String {
        let (role, choice) = (role.path(), choice.as_str());
        match self {
            Self::Fleet => {
                format!("under `shippedRbac` in the fleet file: `- {{object: {role}, choice: {choice}}}`")
            }
            Self::Arguments => format!("with `--shipped-rbac {role}={choice}`"),
        }
    }

    /// What makes a kind known; `path` is its group's API discovery, `/apis/GROUP/VERSION`.
    pub(crate) fn knowing_kind(self, path: &str) -> String {
        match self {
            Self::Fleet => format!(
                "add its CustomResourceDefinition to the input, or `kubectl get --raw {path}` to the inventory"
            ),
            Self::Arguments => format!(
                "add its CustomResourceDefinition to the manifests, or give a file with the output of `kubectl get --raw {path}` by `--discovery`"
            ),
        }
    }

    /// What makes the kinds of a whole cluster known.
    pub(crate) fn knowing_kinds(self) -> &'static str {
        match self {
            Self::Fleet => "add `kubectl get --raw /apis/<group>/<version>` of each group to the inventory",
            Self::Arguments => {
                "give files with the output of `kubectl get --raw /apis/<group>/<version>` of each group by `--discovery`"
            }
        }
    }

    /// What makes the rules of a role known that somebody wants Argo CD to hold.
    pub(crate) fn knowing_rules(self, role: &ObjectRef, plural: &str) -> String {
        let namespace = role.namespace.as_ref().map(|namespace| format!(" -n {namespace}"));
        let get = format!("kubectl get {plural} {}{} -o yaml", role.name, namespace.unwrap_or_default());
        match self {
            Self::Fleet => format!("`{get}` in the inventory"),
            Self::Arguments => format!(
                "choose `bind`, or make a plan (`oarlock plan`) with the output of `{get}` in its inventory"
            ),
        }
    }

    /// What lets Argo CD bind a role of others, of which only the name is known.
    pub(crate) fn knowing_bound(self, role: &ObjectRef, plural: &str) -> String {
        let choose = format!("choose {}", self.choosing(role, Choice::Bind));
        match self {
            Self::Fleet => format!("{}; or {choose}", self.knowing_rules(role, plural)),
            Self::Arguments => format!("look at what it gives, and {choose}"),
        }
    }

    /// What says where an object without namespace goes.
    pub(crate) fn knowing_namespace(self) -> &'static str {
        match self {
            Self::Fleet => "set `spec.destination.namespace` in the Application",
            Self::Arguments => "give `--namespace`",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_can_be_pasted() {
        let role = ObjectRef::new("Role", Some("shop"), "deployer");
        assert_eq!(
            InputFrom::Fleet.choosing(&role, Choice::Bind),
            "under `shippedRbac` in the fleet file: `- {object: Role/shop/deployer, choice: bind}`"
        );
        assert_eq!(
            InputFrom::Arguments.choosing(&role, Choice::Hold),
            "with `--shipped-rbac Role/shop/deployer=hold`"
        );
    }

    #[test]
    fn without_an_inventory_nothing_is_said_to_go_there() {
        let said = InputFrom::Arguments.knowing_kind("/apis/example.com/v1");
        assert!(said.contains("--discovery") && !said.contains("inventory"), "{said}");
        assert!(!InputFrom::Arguments.knowing_kinds().contains("inventory"));
    }
}
