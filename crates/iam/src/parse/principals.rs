//! `Principal` and `NotPrincipal`.

use facts::AccountId;

use super::{Fields, Reader, field};
use crate::{Effect, Element, Kind, Principals, Reason, json::Node, place::Trail};

impl Reader {
    /// The principals of a statement, if it has any that can be read.
    pub(super) fn principals(
        &mut self,
        fields: &Fields<'_, '_>,
        effect: Option<Effect>,
        path: &Trail<'_>,
    ) -> Option<Element<Principals>> {
        let (plain, inverted) = (path.key("Principal"), path.key("NotPrincipal"));
        match (field(fields, "Principal"), field(fields, "NotPrincipal")) {
            (Some(_), Some(_)) => {
                self.note(&inverted, Reason::BothWays("Principal"));
                None
            }
            (Some(node), None) => self.listed(node, &plain).map(Element::Only),
            (None, Some(node)) => {
                match (self.kind, effect) {
                    (Kind::Trust, _) => self.note(&inverted, Reason::Misplaced("NotPrincipal")),
                    (_, Some(Effect::Allow)) => self.note(&inverted, Reason::NotPrincipalAllows),
                    _ => {}
                }
                self.listed(node, &inverted).map(Element::AllBut)
            }
            (None, None) => None,
        }
    }

    fn listed(&mut self, node: &Node<'_>, path: &Trail<'_>) -> Option<Principals> {
        match node {
            Node::Text(text) if text == "*" => return Some(Principals::aws(["*"])),
            Node::Text(text) => {
                self.note(path, Reason::NoPrincipal(text.to_string()));
                return None;
            }
            _ => {}
        }
        let Node::Object(kinds) = node else {
            self.note(path, Reason::Shape { wanted: "`*` or an object", found: node.kind() });
            return None;
        };
        let mut principals = Principals::default();
        for (kind, values) in kinds {
            let path = path.key(kind);
            let into = match &**kind {
                "AWS" => &mut principals.aws,
                "Service" => &mut principals.service,
                "Federated" => &mut principals.federated,
                "CanonicalUser" => &mut principals.canonical_user,
                other => {
                    self.note(&path, Reason::UnknownPrincipals(other.to_owned()));
                    continue;
                }
            };
            let check =
                if kind == "AWS" { Self::check_principal } else { |_: &mut Self, _: &str, _: &Trail<'_>| {} };
            into.extend(self.values(values, &path, check));
        }
        let is_everybody = principals == Principals::aws(["*"]);
        if self.kind == Kind::ResourceControl && !is_everybody {
            self.note(path, Reason::NotEverybody);
        }
        Some(principals)
    }

    /// An ARN, an account or `*`. Of a principal that was deleted the unique id is left, for example `AROA…`.
    fn check_principal(&mut self, principal: &str, path: &Trail<'_>) {
        let is_arn = principal.starts_with("arn:") && !principal.contains(['*', '?']);
        let is_id = principal.len() >= 16
            && principal.starts_with('A')
            && principal.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if principal != "*" && !AccountId::is(principal) && !is_arn && !is_id {
            self.note(path, Reason::NoPrincipal(principal.to_owned()));
        }
    }
}
