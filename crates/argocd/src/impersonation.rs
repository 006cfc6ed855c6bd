//! Sync impersonation: as whom an Application syncs (util/settings/impersonation.go).

use fleet::Version;

use crate::{AppProject, Application, Destination, ServiceAccount, glob::Glob};

/// Characters that a `defaultServiceAccount` must not have (`serviceAccountDisallowedCharSet`).
const FORBIDDEN: [char; 7] = ['!', '*', '[', ']', '{', '}', '\\'];

/// As whom an Application syncs when `application.sync.impersonation.enabled` is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyncIdentity {
    /// As this service account of the target cluster.
    ServiceAccount(ServiceAccount),
    /// As Argo CD itself: nothing in the project matches, and that is allowed.
    ArgoCd,
    /// Not at all, with the message that Argo CD shows.
    Refused(String),
}

impl SyncIdentity {
    /// Decides it. `server` is the API server URL of the destination, as in the cluster's Secret; a cluster's name never
    /// counts. `argocd_namespace` is where Applications are that name no namespace.
    ///
    /// `enforced` is `application.sync.impersonation.enforced`, default true; before Argo CD 3.5 it is always so.
    pub fn decide(
        project: &AppProject,
        application: &Application,
        server: &str,
        argocd_namespace: &str,
        enforced: bool,
        version: Version,
    ) -> Self {
        match Self::account(project, server, destination(application), own(application, argocd_namespace)) {
            Err(message) => {
                Self::Refused(format!("failed to derive service account to impersonate: {message}"))
            }
            Ok(Some(account)) => Self::ServiceAccount(account),
            Ok(None) if !enforced && version >= ENFORCED_SINCE => Self::ArgoCd,
            Ok(None) => Self::no_match(application, server, version),
        }
    }

    /// As whom Argo CD deletes what the Application deployed, when the Application is deleted.
    ///
    /// Since 3.3 as the service account; where nothing matches, up to 3.4 an error, from 3.5 as Argo CD itself even if
    /// impersonation is enforced (controller/appcontroller.go, `applyImpersonationConfig`). Before 3.3 always as Argo CD.
    pub fn decide_deletion(
        project: &AppProject,
        application: &Application,
        server: &str,
        argocd_namespace: &str,
        version: Version,
    ) -> Self {
        if version < DELETION_SINCE {
            return Self::ArgoCd;
        }
        match Self::account(project, server, destination(application), own(application, argocd_namespace)) {
            Err(message) => {
                Self::Refused(format!("error deriving service account to impersonate: {message}"))
            }
            Ok(Some(account)) => Self::ServiceAccount(account),
            Ok(None) if version >= ENFORCED_SINCE => Self::ArgoCd,
            Ok(None) => Self::no_match(application, server, version),
        }
    }
}

impl SyncIdentity {
    /// Before 3.5 the message has the destination's server as the Application has it: nothing, if it names the cluster.
    fn no_match(application: &Application, server: &str, version: Version) -> Self {
        let Destination { server: written, namespace, .. } = &application.destination;
        let server = if version >= ENFORCED_SINCE { server } else { written };
        Self::Refused(format!(
            "no matching service account found for destination server {server} and namespace {namespace}"
        ))
    }
}

/// `application.sync.impersonation.enforced` came with 3.5 (argo-cd#28595).
const ENFORCED_SINCE: Version = Version { major: 3, minor: 5 };

/// Cascaded deletion is impersonated since 3.3 (argo-cd#24524).
const DELETION_SINCE: Version = Version { major: 3, minor: 3 };

/// The namespace that is matched against: the destination's as written, perhaps empty.
fn destination(application: &Application) -> &str {
    &application.destination.namespace
}

fn own<'a>(application: &'a Application, argocd_namespace: &'a str) -> &'a str {
    application.namespace.as_deref().unwrap_or(argocd_namespace)
}

impl SyncIdentity {
    /// The service account that a project names for Applications with a destination, whatever happens without one: the first
    /// item of `destinationServiceAccounts` whose server and namespace match. `own` is the Application's own namespace.
    ///
    /// # Errors
    /// Where what matches is no service account, with Argo CD's words.
    pub fn account(
        project: &AppProject,
        server: &str,
        destination: &str,
        own: &str,
    ) -> Result<Option<ServiceAccount>, String> {
        for item in &project.spec.destination_service_accounts {
            let of_server = Glob::new(&item.server)
                .map_err(|e| format!("invalid glob pattern for destination server: {e}"))?;
            let of_namespace = Glob::new(&item.namespace)
                .map_err(|e| format!("invalid glob pattern for destination namespace: {e}"))?;
            if !of_server.is_match(server) || !of_namespace.is_match(destination) {
                continue;
            }
            let account = &item.default_service_account;
            if account.trim_matches(' ').is_empty() || account.contains('/') || account.contains(FORBIDDEN) {
                return Err(format!("default service account contains invalid chars '{account}'"));
            }
            let namespace = if destination.is_empty() { own } else { destination };
            let (namespace, name) = account.split_once(':').unwrap_or((namespace, account));
            return Ok(Some(ServiceAccount { namespace: namespace.into(), name: name.into() }));
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use facts::Place;

    use super::*;
    use crate::project::{AppProjectSpec, DestinationServiceAccount};

    const V3_5: Version = Version { major: 3, minor: 5 };
    const V3_4: Version = Version { major: 3, minor: 4 };
    const SERVER: &str = "https://cluster-api.example.com";

    fn project(accounts: &[[&str; 3]]) -> AppProject {
        let account = |[server, namespace, account]: &[&str; 3]| DestinationServiceAccount {
            server: (*server).into(),
            namespace: (*namespace).into(),
            default_service_account: (*account).into(),
        };
        let destination_service_accounts = accounts.iter().map(account).collect();
        let spec = AppProjectSpec { destination_service_accounts, ..AppProjectSpec::default() };
        AppProject { name: "p".into(), namespace: None, spec, place: Place::file("p.yaml") }
    }

    fn application(namespace: &str) -> Application {
        let text = format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: web, namespace: app-ns}}\nspec: {{destination: {{server: '{SERVER}', namespace: '{namespace}'}}}}\n"
        );
        let mut all = Vec::new();
        manifest::read(&Arc::from("a.yaml"), text.as_bytes(), &mut |object| {
            all.push(Application::parse(&object.unwrap()).unwrap());
        });
        all.remove(0)
    }

    fn sync(accounts: &[[&str; 3]], namespace: &str) -> SyncIdentity {
        SyncIdentity::decide(&project(accounts), &application(namespace), SERVER, "argocd", true, V3_5)
    }

    fn account(namespace: &str, name: &str) -> SyncIdentity {
        SyncIdentity::ServiceAccount(ServiceAccount { namespace: namespace.into(), name: name.into() })
    }

    #[test]
    fn answers_as_argo_cds_own_tests_have_it() {
        assert_eq!(sync(&[[SERVER, "dest-ns", "test-sa"]], "dest-ns"), account("dest-ns", "test-sa"));
        assert_eq!(sync(&[["*", "*", "test-sa"]], "any-ns"), account("any-ns", "test-sa"));
        assert_eq!(
            sync(&[[SERVER, "dest-ns", "other-ns:deploy-sa"]], "dest-ns"),
            account("other-ns", "deploy-sa")
        );
        assert_eq!(sync(&[["*", "", "test-sa"]], ""), account("app-ns", "test-sa"));
        assert_eq!(
            sync(&[["*", "dest-ns", "first-sa"], ["*", "*", "second-sa"]], "dest-ns"),
            account("dest-ns", "first-sa")
        );
    }

    #[test]
    fn refuses_with_argo_cds_words() {
        for (accounts, message) in [
            (["*", "*", "bad*sa"], "default service account contains invalid chars 'bad*sa'"),
            (["*", "*", "a/b"], "default service account contains invalid chars 'a/b'"),
            (["*", "*", "  "], "default service account contains invalid chars '  '"),
            (
                ["[", "dest-ns", "test-sa"],
                "invalid glob pattern for destination server: unexpected end of input",
            ),
            (
                ["*", "[", "test-sa"],
                "invalid glob pattern for destination namespace: unexpected end of input",
            ),
        ] {
            let expected = format!("failed to derive service account to impersonate: {message}");
            assert_eq!(sync(&[accounts], "dest-ns"), SyncIdentity::Refused(expected));
        }
    }

    #[test]
    fn without_a_match_it_is_refused_unless_that_is_not_enforced() {
        let project = project(&[["https://other-server.com", "other-ns", "test-sa"]]);
        let decide = |enforced, version| {
            SyncIdentity::decide(&project, &application("dest-ns"), SERVER, "argocd", enforced, version)
        };
        let refused = SyncIdentity::Refused(
            "no matching service account found for destination server https://cluster-api.example.com and namespace dest-ns".into(),
        );
        assert_eq!(decide(true, V3_5), refused);
        assert_eq!(decide(false, V3_5), SyncIdentity::ArgoCd);
        assert_eq!(decide(false, V3_4), refused, "3.4 doesn't know the setting");
    }

    #[test]
    fn deletion_without_a_match_runs_as_argo_cd_since_3_5() {
        let delete = |accounts: &[[&str; 3]], minor| {
            let version = Version { major: 3, minor };
            SyncIdentity::decide_deletion(
                &project(accounts),
                &application("dest-ns"),
                SERVER,
                "argocd",
                version,
            )
        };
        assert_eq!(delete(&[], 5), SyncIdentity::ArgoCd);
        assert!(matches!(delete(&[], 4), SyncIdentity::Refused(_)));
        assert_eq!(delete(&[["*", "*", "sa"]], 2), SyncIdentity::ArgoCd);
        assert_eq!(delete(&[["*", "*", "sa"]], 3), account("dest-ns", "sa"));
    }
}
