//! As whom an Application is synced, where the error doesn't say it: as its AppProject does.

use argocd::SyncIdentity;
use facts::Gap;
use rbac::Request;

use super::{
    Inquiry, project,
    question::{Question, request_of},
};
use crate::diagnosis::diagnosed::Diagnosed;

/// Whether somebody may act as the service account.
pub(super) fn question(inquiry: &Inquiry<'_>, error: &Diagnosed) -> Result<Question, Gap> {
    let argocd = inquiry.argocd()?;
    let unknown = |cause: &str| Gap::new("as which service account Argo CD syncs", cause);
    let application = inquiry.application(error).ok_or_else(|| {
        unknown("the message doesn't name the Application")
            .filled_by("the Application with its conditions: argocd app get -o json")
    })?;
    let cluster = inquiry.place(error)?;
    let (_, secret) =
        inquiry.secret_of(&cluster).ok_or_else(|| unknown("no cluster Secret is for its destination"))?;
    let name = application.body.text("/spec/project").unwrap_or_default();
    let project = project::named(inquiry.inventory, argocd, &name)?;
    let project = project.ok_or_else(|| unknown("its AppProject can't be read"))?;
    let namespace = application.body.text("/spec/destination/namespace").unwrap_or_default();
    let account = SyncIdentity::account(&project, &secret.server, &namespace, &argocd.namespace);
    let account =
        account.ok().flatten().ok_or_else(|| unknown("its AppProject names none for its destination"))?;
    let request = Request::resource("impersonate", "", "serviceaccounts");
    request_of(inquiry, error, cluster, request.in_namespace(&account.namespace).named(&account.name))
}
