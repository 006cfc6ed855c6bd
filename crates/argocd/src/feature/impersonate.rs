//! Sync impersonation: Argo CD acts as a service account of the target cluster.
//!
//! controller/sync.go, controller/appcontroller.go, and since 3.5 server/application/application.go send only the user
//! name; the API server then asks for `impersonate` on core `serviceaccounts`, in its namespace and with its name
//! (apiserver/pkg/endpoints/filters/impersonation). What never moves: live cache, compare, server-side diff, the web
//! terminal, version and discovery.

use std::sync::Arc;

use rbac::{Permission, Scope};

use crate::{
    Identity, Operation,
    collector::{Collector, Why},
    feature::connect,
    needs::Actors,
};

pub(super) fn needs(out: &mut Collector<'_>, actors: &Actors, application: Option<&Arc<str>>) {
    let why = Why {
        operation: Operation::Impersonate,
        setting: Some("application.sync.impersonation.enabled: \"true\""),
    };
    let sides = [
        (Identity::Controller, [&actors.sync, &actors.deletion]),
        (Identity::Server, [&actors.server, &actors.server]),
    ];
    for (who, acted) in sides {
        for account in acted.into_iter().flatten() {
            if let Identity::Impersonated { namespace, name } = account {
                let scope = Scope::Namespace(namespace.clone());
                let permission =
                    Permission::resource(scope, "", "serviceaccounts", "impersonate").named(name);
                out.ask(&who, permission, application, None, why, None);
                connect::as_whom(out, account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::{
        Impersonation, Operation, ServiceAccount,
        testing::{Case, DEPLOYMENT},
    };

    fn case(minor: u32) -> Case {
        let account = ServiceAccount { namespace: "shop".into(), name: "deployer".into() };
        Case {
            impersonation: Impersonation::On { accounts: [("app".into(), account)].into(), enforced: true },
            version: fleet::Version { major: 3, minor },
            ..Case::default()
        }
    }

    #[test]
    fn syncs_and_views_as_the_service_account() {
        assert_snapshot!(case(5).lines(DEPLOYMENT, &[Operation::Impersonate, Operation::ClientSideApply, Operation::Compare, Operation::UiGet, Operation::LiveCache]), @r"
        controller: list *.* cluster-wide <- LiveCache [CacheReadsEverything]
        controller: watch *.* cluster-wide <- LiveCache [CacheReadsEverything]
        controller: impersonate serviceaccounts `deployer` in namespace shop <- Impersonate
        controller: get deployments.apps in namespace shop <- Compare Deployment shop/web (app.yaml:1:1) [NamesChange]
        server: impersonate serviceaccounts `deployer` in namespace shop <- Impersonate
        serviceaccount shop/deployer: get pods in namespace shop <- UiGet Deployment shop/web (app.yaml:1:1) [NamesChange]
        serviceaccount shop/deployer: create deployments.apps in namespace shop <- ClientSideApply Deployment shop/web (app.yaml:1:1)
        serviceaccount shop/deployer: get deployments.apps in namespace shop <- ClientSideApply Deployment shop/web (app.yaml:1:1) [NamesChange]
        serviceaccount shop/deployer: get deployments.apps in namespace shop <- UiGet Deployment shop/web (app.yaml:1:1) [NamesChange]
        serviceaccount shop/deployer: patch deployments.apps in namespace shop <- ClientSideApply Deployment shop/web (app.yaml:1:1) [NamesChange]
        serviceaccount shop/deployer: get replicasets.apps in namespace shop <- UiGet Deployment shop/web (app.yaml:1:1) [NamesChange]
        ");
    }

    #[test]
    fn the_service_account_discovers_too() {
        let discovers = |line: &&str| line.starts_with("serviceaccount shop/deployer: get /apis");
        assert_eq!(case(5).lines(DEPLOYMENT, &[Operation::Connect]).lines().filter(discovers).count(), 2);
    }

    #[test]
    fn before_3_5_the_server_acts_as_itself() {
        assert_snapshot!(case(4).lines(DEPLOYMENT, &[Operation::Impersonate, Operation::UiGet]), @r"
        controller: impersonate serviceaccounts `deployer` in namespace shop <- Impersonate
        server: get pods in namespace shop <- UiGet Deployment shop/web (app.yaml:1:1) [NamesChange]
        server: get deployments.apps in namespace shop <- UiGet Deployment shop/web (app.yaml:1:1) [NamesChange]
        server: get replicasets.apps in namespace shop <- UiGet Deployment shop/web (app.yaml:1:1) [NamesChange]
        ");
    }

    #[test]
    fn an_application_without_account_does_not_sync() {
        let mut case = case(5);
        case.impersonation = Impersonation::On { accounts: [].into(), enforced: true };
        assert_eq!(case.lines(DEPLOYMENT, &[Operation::ClientSideApply, Operation::UiGet]), "");
        assert_snapshot!(case.findings(DEPLOYMENT, "application-without-service-account"), @"Error : Application `app` doesn't sync: no service account of its project matches its destination");
    }

    #[test]
    fn an_application_without_name_has_the_account_under_the_empty_name() {
        let account = ServiceAccount { namespace: "shop".into(), name: "deployer".into() };
        let accounts = [("".into(), account)].into();
        let impersonation = Impersonation::On { accounts, enforced: true };
        let case = Case { application: None, impersonation, ..Case::default() };
        assert_snapshot!(case.lines(DEPLOYMENT, &[Operation::DryRun, Operation::Impersonate]), @r"
        controller: impersonate serviceaccounts `deployer` in namespace shop <- Impersonate
        server: impersonate serviceaccounts `deployer` in namespace shop <- Impersonate
        serviceaccount shop/deployer: get deployments.apps in namespace shop <- DryRun Deployment shop/web (app.yaml:1:1) [NamesChange]
        ");
    }
}
