//! How large documents may be, and how to split them (IAM User Guide, "IAM and AWS STS quotas").

use crate::{Document, Element, Statement};

/// Characters of a role's trust policy, unless the quota "Role trust policy length" was raised (to 4,096 at most).
pub const TRUST_POLICY_LIMIT: usize = 2_048;

/// The most to which that quota can be raised.
pub const TRUST_POLICY_MOST: usize = 4_096;

/// Characters of all inline policies of a role together.
pub const INLINE_POLICIES_LIMIT: usize = 10_240;

/// Characters of a managed policy.
pub const MANAGED_POLICY_LIMIT: usize = 6_144;

/// Managed policies attached to a role, unless the quota "Managed policies per role" was raised (to 20 at most).
pub const MANAGED_POLICIES_PER_ROLE: usize = 10;

/// Characters of a service control policy (Organizations User Guide, "Quotas for AWS Organizations"; 5,120 until May 2026).
pub const SERVICE_CONTROL_LIMIT: usize = 10_240;

/// Characters of a resource control policy (the same page).
pub const RESOURCE_CONTROL_LIMIT: usize = 5_120;

/// The size of a document's text as IAM counts it: characters, without white space. So does the console of Organizations, whose API
/// counts white space as well.
pub(crate) fn characters(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

impl Document {
    /// Its size as IAM counts it. Oarlock prints no white space outside of values.
    pub fn size(&self) -> usize {
        characters(&self.to_json().to_string())
    }

    /// Documents that together say the same and are each within a limit: statements are kept in order, and one that is
    /// too large by itself is split by its resources. None if a statement with one resource is still too large.
    pub fn split(&self, limit: usize) -> Option<Vec<Self>> {
        if self.size() <= limit {
            return Some(vec![self.clone()]);
        }
        let empty = Self { statements: Vec::new(), ..self.clone() };
        let mut documents = vec![empty.clone()];
        for statement in &self.statements {
            for part in parts(statement, limit)? {
                let last = documents.last_mut()?;
                last.statements.push(part);
                if last.size() > limit {
                    let part = last.statements.pop()?;
                    documents.push(Self { statements: vec![part], ..empty.clone() });
                }
            }
        }
        documents.retain(|document| !document.statements.is_empty());
        Some(documents)
    }
}

/// Statements with as many resources each as fit.
fn parts(statement: &Statement, limit: usize) -> Option<Vec<Statement>> {
    let size = |statement: &Statement| Document::new([statement.clone()]).size();
    if size(statement) <= limit {
        return Some(vec![statement.clone()]);
    }
    // Whoever splits what is excepted widens each part.
    let Some(Element::Only(resources)) = &statement.resources else { return None };
    if resources.len() < 2 {
        return None;
    }
    let mut rest = resources.clone();
    let upper = rest.split_off(resources.iter().nth(resources.len() / 2)?);
    let mut all = Vec::new();
    for part in [rest, upper] {
        all.extend(parts(&Statement { resources: Some(Element::Only(part)), ..statement.clone() }, limit)?);
    }
    Some(all)
}
