//! What is read of a cluster's API server.

use std::sync::atomic::Ordering;

use facts::{ClusterArn, Gap};
use serde_json::Value;

use super::{
    Error, Options,
    cluster::{Secrets, Target},
    run::{Run, locked},
};
use crate::{
    aws::Session,
    cause::Cause,
    kubernetes::{Api, EVERYWHERE, Listed, ON_THE_HUB, Resource},
};

impl Run<'_> {
    pub(super) async fn kubernetes(
        &self,
        target: &Target,
        session: Result<&Session, &Cause>,
        described: Option<&Value>,
        secrets: Secrets<'_>,
    ) -> Result<(), Error> {
        let reached = match enter(self.options, &target.arn, target.is_hub, session, described).await {
            Ok(api) => self.discovery(target, &api).await.map(|reached| reached.map(|()| api)),
            Err(cause) => Ok(Err(cause)),
        };
        let mut reached = reached?;
        // Who doesn't answer once isn't asked a dozen times.
        for resource in EVERYWHERE.iter().chain(ON_THE_HUB.iter().filter(|_| target.is_hub)) {
            match &reached {
                Ok(api) => {
                    let failed = self.resource(target, api, resource, secrets).await?;
                    reached = failed.filter(Cause::is_silence).map_or(reached, Err);
                }
                Err(cause) => self.gap(gap(&target.arn, resource, cause)),
            }
        }
        Ok(())
    }

    /// What is served, a file for each group and version; whether the server can be asked at all.
    async fn discovery(&self, target: &Target, api: &Api) -> Result<Result<(), Cause>, Error> {
        let what = || format!("the API discovery of `{}`", target.arn);
        self.kubernetes_requests.fetch_add(2, Ordering::Relaxed);
        match api.discovery().await {
            Ok(all) => {
                for served in all {
                    let name = served.group_version.replace('/', "_");
                    let cause = || Cause::new("the server behind its APIService doesn't answer");
                    let path = format!("{}/kubernetes/discovery/{name}.json", target.folder());
                    self.keep(&path, served.list.ok_or_else(cause), |cause| {
                        let what = format!("what `{}` serves in `{}`", target.arn, served.group_version);
                        let fill = format!("kubectl get --raw /apis/{}", served.group_version);
                        Gap::new(what, cause.to_string()).filled_by(fill)
                    })?;
                }
            }
            Err(cause) if cause.is_silence() || cause.is("Unauthorized") => {
                self.gap(Gap::new(what(), cause.to_string()));
                return Ok(Err(cause));
            }
            Err(cause) => self.gap(Gap::new(what(), cause.to_string()).filled_by("kubectl get --raw /apis")),
        }
        Ok(Ok(()))
    }

    /// A list, or why it couldn't be read, which is a gap already.
    async fn resource(
        &self,
        target: &Target,
        api: &Api,
        resource: &Resource,
        secrets: Secrets<'_>,
    ) -> Result<Option<Cause>, Error> {
        let path = format!("{}/kubernetes/{}.json", target.folder(), resource.plural);
        let mut list = Some(self.folder.list(&path)?);
        let mut failed = None;
        let mut each = |listed: Listed| {
            let kept = match (listed, list.take()) {
                (_, None) => return Err(Cause::new("the list can't be written")),
                (Listed::FromTheBeginning, Some(file)) => {
                    secrets.iter().for_each(|secrets| locked(secrets).clear());
                    file.again()
                }
                (Listed::Object(object), Some(mut file)) => {
                    let secrets = secrets.filter(|_| resource.plural == "secrets");
                    let added = file.add(&object).map(|()| file);
                    secrets.iter().for_each(|secrets| locked(secrets).push(object.clone()));
                    added
                }
            };
            kept.map(|file| list = Some(file)).map_err(|error| {
                failed = Some(error);
                Cause::new("the list can't be written")
            })
        };
        let pages = api.list(resource, &self.options.argocd_namespace, &mut each).await;
        if let Some(error) = failed {
            return Err(error);
        }
        match (pages, list) {
            (Ok(pages), Some(file)) => {
                self.kubernetes_requests.fetch_add(pages, Ordering::Relaxed);
                file.finish().map(|()| None)
            }
            (Err(cause), _) => {
                self.kubernetes_requests.fetch_add(1, Ordering::Relaxed);
                self.gap(gap(&target.arn, resource, &cause));
                Ok(Some(cause))
            }
            (_, None) => Ok(None),
        }
    }
}

/// With the words that the inventory has for it.
fn gap(arn: &ClusterArn, resource: &Resource, cause: &Cause) -> Gap {
    let plural = resource.plural;
    let labels =
        if resource.labels.is_empty() { String::new() } else { format!(" -l '{}'", resource.labels) };
    Gap::new(format!("the `{plural}` of `{arn}`"), cause.to_string()).filled_by(format!(
        "kubectl get {plural} --all-namespaces{labels} -o json > kubernetes/{plural}.json"
    ))
}

/// The way into a cluster, as the options have it.
pub(crate) async fn enter(
    options: &Options,
    arn: &ClusterArn,
    is_hub: bool,
    session: Result<&Session, &Cause>,
    described: Option<&Value>,
) -> Result<Api, Cause> {
    let timeout = options.timeout;
    if is_hub && options.in_cluster {
        return Api::in_cluster(timeout);
    }
    if let Some(kubeconfig) = &options.kubeconfig {
        let context = kubeconfig.context().for_cluster(arn);
        if let Some(api) = Api::by_context(kubeconfig, context, timeout).await? {
            return Ok(api);
        }
    }
    let field = |pointer| described.and_then(|cluster| cluster.pointer(pointer)?.as_str());
    let address = field("/cluster/endpoint").zip(field("/cluster/certificateAuthority/data"));
    let session = session.map_err(Clone::clone)?;
    let (endpoint, authority) = address.ok_or_else(|| Cause::new("the cluster's endpoint isn't known"))?;
    Api::by_token(endpoint, authority, session.token(arn).await?, timeout).await
}
