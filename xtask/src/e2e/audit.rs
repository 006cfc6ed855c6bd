//! The API server's audit log: who asked for what, and whether it was allowed.

use std::{
    fs::File,
    io::{BufRead, BufReader, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use rbac::{Permission, PolicyRule, Scope};
use serde::Deserialize;

const RBAC: &str = "rbac.authorization.k8s.io";

/// One authorization that a request took.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Asked {
    /// The user whose permission it took.
    pub(super) user: String,
    /// What it took, with the object's name wherever the request has one.
    pub(super) permission: Permission,
    /// Whether the API server refused the request with 403.
    pub(super) forbidden: bool,
}

/// RBAC rules that somebody wrote, or bound: what the API server's escalation check asks for.
#[derive(Clone, Debug)]
pub(super) struct Written {
    pub(super) user: String,
    pub(super) scope: Scope,
    pub(super) what: Gift,
    /// The object as the API server keeps it.
    pub(super) object: serde_json::Value,
}

/// What was written into a role, or which role was bound.
#[derive(Clone, Debug)]
pub(super) enum Gift {
    Rules(Vec<PolicyRule>),
    Bound { kind: String, name: String },
}

/// What one part of the log says.
#[derive(Default)]
pub(super) struct Record {
    pub(super) asked: Vec<Asked>,
    pub(super) written: Vec<Written>,
}

/// Reads the log from where it was last read.
pub(super) struct Reader {
    path: PathBuf,
    offset: u64,
}

impl Reader {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), offset: 0 }
    }

    /// All that has been logged since the last time.
    pub(super) fn read(&mut self) -> Result<Record> {
        let mut file =
            File::open(&self.path).with_context(|| format!("cannot read {}", self.path.display()))?;
        file.seek(SeekFrom::Start(self.offset))?;
        let mut lines = BufReader::new(file);
        let mut record = Record::default();
        let mut line = String::new();
        while lines.read_line(&mut line)? > 0 && line.ends_with('\n') {
            self.offset += line.len() as u64;
            let event: Event = serde_json::from_str(&line).with_context(|| format!("in {line}"))?;
            event.add_to(&mut record);
            line.clear();
        }
        Ok(record)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    verb: String,
    #[serde(rename = "requestURI")]
    request_uri: String,
    user: User,
    impersonated_user: Option<User>,
    object_ref: Option<ObjectRef>,
    response_status: Option<Status>,
    response_object: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct User {
    /// None, where the API server knows nobody by the credentials.
    #[serde(default)]
    username: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct ObjectRef {
    resource: String,
    namespace: Option<String>,
    name: Option<String>,
    api_group: Option<String>,
    subresource: Option<String>,
}

#[derive(Deserialize)]
struct Status {
    code: Option<u16>,
    #[serde(default)]
    message: String,
}

impl Event {
    fn add_to(self, record: &mut Record) {
        let status = self.response_status.as_ref();
        let code = status.and_then(|status| status.code).unwrap_or_default();
        let forbidden = code == 403;
        // A server-side apply that makes the object takes `create` as well (apiserver, endpoints/handlers/patch.go).
        let lacks_create =
            forbidden && status.is_some_and(|status| status.message.contains("cannot create resource"));
        let creates = self.verb == "patch" && (code == 201 || lacks_create);
        let real = &self.user.username;
        let user = self.impersonated_user.as_ref().map_or(real, |user| &user.username);
        // A refused impersonation is logged without the one who would have been impersonated.
        if let Some(account) = self.impersonated_user.as_ref().and_then(|user| impersonate(&user.username)) {
            record.asked.push(Asked { user: real.clone(), permission: account, forbidden: false });
        }
        let asked = |permission| Asked { user: user.clone(), permission, forbidden };
        record.asked.push(Asked { forbidden: forbidden && !creates, ..asked(self.permission()) });
        if creates {
            record.asked.push(asked(with_verb(self.permission(), "create")));
        }
        if let (Some(what), true) = (self.gift(), (200..300).contains(&code)) {
            let object = self.response_object.clone().unwrap_or_default();
            record.written.push(Written { user: user.clone(), scope: self.scope(), what, object });
        }
    }

    fn permission(&self) -> Permission {
        let Some(object) = &self.object_ref else {
            let path = self.request_uri.split('?').next().unwrap_or_default();
            return Permission::path(&self.verb, path);
        };
        let resource = match &object.subresource {
            Some(subresource) => format!("{}/{subresource}", object.resource),
            None => object.resource.clone(),
        };
        let group = object.api_group.as_deref().unwrap_or_default();
        let permission = Permission::resource(self.scope(), group, &resource, &self.verb);
        // The log takes the name of a new object from its body; whoever authorizes doesn't see it.
        let named = self.verb != "create" || object.subresource.is_some();
        match object.name.as_deref().filter(|name| named && !name.is_empty()) {
            Some(name) => permission.named(name),
            None => permission,
        }
    }

    fn scope(&self) -> Scope {
        let object = self.object_ref.as_ref();
        Scope::of(object.and_then(|object| object.namespace.as_deref()).filter(|name| !name.is_empty()))
    }

    /// Of what the API server answered, not of what was sent: a patch is only a part.
    fn gift(&self) -> Option<Gift> {
        let object = self.object_ref.as_ref().filter(|o| o.api_group.as_deref() == Some(RBAC))?;
        let written = self.response_object.as_ref()?;
        match object.resource.as_str() {
            "roles" | "clusterroles" => {
                // An aggregated role has `null` until the cluster fills it.
                let rules: Option<_> = Option::deserialize(written.get("rules")?).ok()?;
                Some(Gift::Rules(rules.unwrap_or_default()))
            }
            "rolebindings" | "clusterrolebindings" => {
                let field = |name| written.pointer(name)?.as_str().map(str::to_owned);
                Some(Gift::Bound { kind: field("/roleRef/kind")?, name: field("/roleRef/name")? })
            }
            _ => None,
        }
    }
}

/// What it takes to act as a service account.
fn impersonate(user: &str) -> Option<Permission> {
    let (namespace, name) = user.strip_prefix("system:serviceaccount:")?.split_once(':')?;
    let scope = Scope::of(Some(namespace));
    Some(Permission::resource(scope, "", "serviceaccounts", "impersonate").named(name))
}

fn with_verb(mut permission: Permission, wanted: &str) -> Permission {
    let (Permission::Resource { verb, .. } | Permission::NonResource { verb, .. }) = &mut permission;
    *verb = wanted.into();
    permission
}
