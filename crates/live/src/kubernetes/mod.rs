//! Clusters: how one is got into, what is listed there, and page by page.

mod discovery;
mod kubeconfig;
mod resource;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use http::header::{ACCEPT, CONTENT_TYPE};
use kube::{Client, Config, config::KubeConfigOptions};
use rbac::{Request, Target};
use secrecy::SecretString;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::cause::{Cause, chain};
pub(crate) use discovery::{PATHS as DISCOVERY_PATHS, Served};
pub use kubeconfig::Kubeconfig;
pub(crate) use resource::{EVERYWHERE, ON_THE_HUB, Resource};

/// A cluster's API server, and who asks it.
pub(crate) struct Api {
    client: Client,
    timeout: Duration,
    counts: Arc<Counts>,
}

/// How often an API server was asked.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Requests, reviews among them.
    pub(crate) requests: AtomicUsize,
    /// Reviews of access.
    pub(crate) reviews: AtomicUsize,
}

/// One answer to a list.
#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    metadata: PageMetadata,
    #[serde(default)]
    items: Vec<Value>,
}

#[derive(Default, Deserialize)]
struct PageMetadata {
    #[serde(default, rename = "continue")]
    cursor: Option<String>,
}

impl Api {
    /// By a token, as EKS takes them. The rest is as with a kubeconfig, the environment's proxy included.
    pub(crate) async fn by_token(
        endpoint: &str,
        certificate_authority: &str,
        token: SecretString,
        timeout: Duration,
    ) -> Result<Self, Cause> {
        let cluster = json!({ "server": endpoint, "certificate-authority-data": certificate_authority });
        let kubeconfig = json!({
            "clusters": [{ "name": "eks", "cluster": cluster }], "users": [{ "name": "eks", "user": {} }],
            "contexts": [{ "name": "eks", "context": { "cluster": "eks", "user": "eks" } }], "current-context": "eks",
        });
        let kubeconfig = serde_json::from_value(kubeconfig).map_err(|error| Cause::new(chain(&error)))?;
        let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await;
        let mut config =
            config.map_err(|error| Cause::new(format!("the cluster's description: {}", chain(&error))))?;
        config.auth_info.token = Some(token);
        Self::new(config, timeout)
    }

    /// As whoever a pod of the cluster is.
    pub(crate) fn in_cluster(timeout: Duration) -> Result<Self, Cause> {
        let config = Config::incluster().map_err(|error| Cause::new(chain(&error)))?;
        Self::new(config, timeout)
    }

    /// By a kubeconfig's context, if it has one of the name.
    pub(crate) async fn by_context(
        kubeconfig: &Kubeconfig,
        context: String,
        timeout: Duration,
    ) -> Result<Option<Self>, Cause> {
        let Some(file) = kubeconfig.only(&context)? else { return Ok(None) };
        let options = KubeConfigOptions { context: Some(context), ..KubeConfigOptions::default() };
        let config = Config::from_custom_kubeconfig(file, &options).await;
        let config = config.map_err(|error| Cause::new(format!("the kubeconfig: {}", chain(&error))))?;
        // A plugin of the kubeconfig is run here, and may take its time.
        let made = tokio::task::spawn_blocking(move || Self::new(config, timeout)).await;
        made.map_err(|error| Cause::new(chain(&error)))?.map(Some)
    }

    fn new(mut config: Config, timeout: Duration) -> Result<Self, Cause> {
        config.connect_timeout = Some(timeout);
        config.read_timeout = Some(timeout);
        config.reset_reader_on_write = true;
        let client = Client::try_from(config).map_err(|error| cause(&error))?;
        Ok(Self { client, timeout, counts: Arc::default() })
    }

    /// Which resources are served.
    pub(crate) async fn discovery(&self) -> Result<Vec<Served>, Cause> {
        let mut served = Vec::new();
        for path in DISCOVERY_PATHS {
            let groups: discovery::Groups = self.get(path, discovery::ACCEPT).await?;
            if !groups.are_discovery() {
                return Err(Cause::new(
                    "the API server doesn't know aggregated discovery (Kubernetes 1.27 does)",
                ));
            }
            served.extend(groups.served());
        }
        Ok(served)
    }

    /// Gives all objects of a resource, as kubectl prints them, page by page, and says how many pages there were; once more from
    /// the beginning where the connection broke, or where a page came so late that the server had forgotten what it was the next of
    /// (Kubernetes docs, "API concepts", "Retrieving large results sets in chunks").
    pub(crate) async fn list(
        &self,
        resource: &Resource,
        argocd: &str,
        each: &mut dyn FnMut(Listed) -> Result<(), Cause>,
    ) -> Result<usize, Cause> {
        match self.pages(resource, argocd, each).await {
            Err(cause) if cause.is("Expired") || cause.is_silence() => {
                each(Listed::FromTheBeginning)?;
                self.pages(resource, argocd, each).await
            }
            other => other,
        }
    }

    async fn pages(
        &self,
        resource: &Resource,
        argocd: &str,
        each: &mut dyn FnMut(Listed) -> Result<(), Cause>,
    ) -> Result<usize, Cause> {
        let mut cursor = None;
        let mut pages = 0;
        loop {
            pages += 1;
            let path = resource.path(argocd, cursor.as_deref());
            let page: Page = self.get(&path, "application/json").await?;
            for item in page.items {
                each(Listed::Object(as_kubectl_prints_it(item, resource)))?;
            }
            cursor = page.metadata.cursor.filter(|cursor| !cursor.is_empty());
            if cursor.is_none() {
                return Ok(pages);
            }
        }
    }

    /// Sends a request with a JSON body, and gives the answer's JSON.
    pub(crate) async fn send(
        &self,
        method: http::Method,
        path: &str,
        content_type: &str,
        body: &Value,
    ) -> Result<Value, Cause> {
        let request = http::Request::builder().method(method).uri(path);
        let request = request.header(ACCEPT, "application/json").header(CONTENT_TYPE, content_type);
        self.ask(request.body(body.to_string().into_bytes())).await
    }

    /// Reads one object or list.
    pub(crate) async fn read(&self, path: &str) -> Result<Value, Cause> {
        self.get(path, "application/json").await
    }

    /// Asks for a review, which the API server answers and keeps nowhere; perhaps as a user whom the caller impersonates.
    pub(crate) async fn review(
        &self,
        path: &str,
        review: &Value,
        impersonating: Option<&str>,
    ) -> Result<Value, Cause> {
        let mut request = http::Request::post(path).header(CONTENT_TYPE, "application/json");
        if let Some(user) = impersonating {
            request = request.header("Impersonate-User", user);
        }
        self.counts.reviews.fetch_add(1, Ordering::Relaxed);
        self.ask(request.body(review.to_string().into_bytes())).await
    }

    /// How often it was asked so far, for whoever wants to know when it isn't used any more.
    pub(crate) fn counts(&self) -> Arc<Counts> {
        Arc::clone(&self.counts)
    }

    async fn get<T: DeserializeOwned>(&self, path: &str, accept: &str) -> Result<T, Cause> {
        self.ask(http::Request::get(path).header(ACCEPT, accept).body(Vec::new())).await
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        request: http::Result<http::Request<Vec<u8>>>,
    ) -> Result<T, Cause> {
        let request = request.map_err(|error| Cause::new(chain(&error)))?;
        self.counts.requests.fetch_add(1, Ordering::Relaxed);
        // Each read has its time-out, and a server that sends a byte now and then keeps to it.
        let answer = tokio::time::timeout(self.timeout * 4, self.client.request(request)).await;
        answer
            .map_err(|_| Cause::silence("the API server gave no answer in time"))?
            .map_err(|error| cause(&error))
    }
}

/// What a review of access is asked about a request: the `spec`, without whose request it is.
pub(crate) fn spec_of_review(Request { verb, target }: &Request) -> Value {
    match target {
        Target::Resource { group, resource, subresource, namespace, name } => {
            json!({ "resourceAttributes": {
                "verb": verb, "group": group, "resource": resource,
                "subresource": subresource.as_deref().unwrap_or_default(),
                "namespace": namespace.as_deref().unwrap_or_default(), "name": name.as_deref().unwrap_or_default(),
            } })
        }
        Target::NonResource { path } => json!({ "nonResourceAttributes": { "verb": verb, "path": path } }),
    }
}

/// What a list gives.
pub(crate) enum Listed {
    Object(Value),
    /// What was given so far is given again.
    FromTheBeginning,
}

/// The items of a list don't say what they are, and who wrote which field is left out (kubectl get, `--show-managed-fields`).
fn as_kubectl_prints_it(item: Value, resource: &Resource) -> Value {
    let mut object = serde_json::Map::new();
    object.insert("apiVersion".to_owned(), resource.api_version().into());
    object.insert("kind".to_owned(), resource.kind().into());
    if let Value::Object(fields) = item {
        object.extend(fields);
    }
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.shift_remove("managedFields");
    }
    let mut object = Value::Object(object);
    if resource.plural == "secrets" {
        inventory::redact_secret(&mut object);
    }
    object
}

/// What the API server says; of credential plugins only that they failed, since what they print is credentials.
fn cause(error: &kube::Error) -> Cause {
    match error {
        kube::Error::Api(status) => Cause::coded(&status.reason, &status.message),
        kube::Error::Auth(_) => {
            Cause::new("the kubeconfig's credentials can't be had: try `kubectl auth whoami`")
        }
        kube::Error::SerdeError(_) => Cause::new("the answer is not what was asked for"),
        kube::Error::HyperError(_) | kube::Error::Service(_) => match chain(error).as_str() {
            words if words.contains("credential") => {
                Cause::new("the kubeconfig's credentials can't be had: try `kubectl auth whoami`")
            }
            words => Cause::silence(format!("the API server can't be asked: {words}")),
        },
        other => Cause::new(chain(other)),
    }
}
