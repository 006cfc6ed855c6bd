//! AWS: whose credentials are used where, and clients of its services that wait, repeat and give up as they should.

pub(crate) mod answer;
mod authorities;
pub(crate) mod clock;
pub(crate) mod form;
mod http;
mod token;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::{Duration, SystemTime},
};

use aws_config::{
    BehaviorVersion, Region, SdkConfig, profile::ProfileFileCredentialsProvider,
    provider_config::ProviderConfig, retry::RetryConfig, sts::AssumeRoleProvider, timeout::TimeoutConfig,
};
use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials as _, SharedCredentialsProvider},
};
use aws_sdk_sts::config::endpoint::{DefaultResolver, Params, ResolveEndpoint as _};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use facts::{AccountId, ClusterArn, Partition, RoleArn};
use secrecy::SecretString;
use tokio::sync::{Mutex, OnceCell};

use crate::{
    cause::{Cause, chain},
    pattern::Pattern,
    verb::Verb,
};
use answer::Calls;
pub use authorities::AuthoritiesError;
use clock::Clock;

/// How often a request is made before it is given up; in between the SDK waits, and learns how fast it may go.
const ATTEMPTS: u32 = 6;

/// A call may take so many times as long as one answer: who is throttled waits between attempts, longer each time.
const PATIENCE: u32 = 15;

/// How long the authenticator takes a token (aws-iam-authenticator, pkg/token/token.go, `presignedURLExpiration`).
const TOKEN_LASTS: Duration = Duration::from_secs(15 * 60);

/// How credentials for an account are come by; with neither, those at hand are good for their own account alone.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// On whose behalf: the sessions are called by it.
    pub verb: Verb,
    /// The role to assume, by the credentials at hand.
    pub assume_role: Option<Pattern>,
    /// What those roles' trust policies want as `sts:ExternalId`.
    pub external_id: Option<String>,
    /// The profile to use of the AWS CLI's configuration; if a role is to be assumed, too, it assumes it.
    pub profile: Option<Pattern>,
}

/// Credentials for an account, or why there are none.
type Found = Result<Session, Cause>;

/// AWS, as somebody with some credentials finds it.
pub(crate) struct Aws {
    access: Access,
    timeout: Duration,
    http: SharedHttpClient,
    clock: Clock,
    /// The default chain's: environment, profile, web identity, Pod Identity, instance.
    own: SdkConfig,
    calls: Calls,
    sessions: Mutex<HashMap<AccountId, Arc<OnceCell<Found>>>>,
}

/// Credentials that are known to be an account's.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    config: SdkConfig,
    /// For what of the SDK's own waiting is shared, and what isn't.
    account: String,
    calls: Calls,
    credentials: Arc<Mutex<Option<Credentials>>>,
}

impl Aws {
    pub(crate) async fn load(access: Access, timeout: Duration) -> Result<Self, AuthoritiesError> {
        let clock = Clock::of_this_machine();
        let http = clock::watched(http::client(authorities::trusted()?), clock.clone());
        let own = config(&http, &clock, timeout, None).await;
        Ok(Self { access, timeout, http, clock, own, calls: Calls::default(), sessions: Mutex::default() })
    }

    /// Whoever answers in AWS's place, whoever asks.
    #[cfg(test)]
    pub(crate) fn of(http: SharedHttpClient) -> Self {
        let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret", None, None, "test");
        let clock = Clock::default();
        let http = clock::watched(http, clock.clone());
        let own = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(http.clone())
            .time_source(clock.clone())
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .retry_config(RetryConfig::disabled())
            .build();
        Self {
            access: Access::default(),
            timeout: Duration::from_secs(1),
            http,
            clock,
            own,
            calls: Calls::default(),
            sessions: Mutex::default(),
        }
    }

    /// What was asked of AWS so far, as `service:Operation`. The SDK's own requests for credentials aren't among them.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.calls.made()
    }

    /// How many requests there were about each account and cluster, by id and ARN.
    pub(crate) fn calls_by_place(&self) -> BTreeMap<Arc<str>, usize> {
        self.calls.by_place()
    }

    /// The region that the environment or the profile names.
    pub(crate) fn region(&self) -> Option<String> {
        self.own.region().map(ToString::to_string)
    }

    /// The credentials at hand, whosever they are.
    pub(crate) fn own(&self, region: &str) -> Session {
        self.session_of(&self.own, region, "own")
    }

    /// Who asks about the organisation, which is nobody's account in particular: the credentials at hand; where there are none, an account's
    /// profile, if profiles are used.
    pub(crate) async fn about_organization(&self, account: Option<&AccountId>, region: &str) -> Session {
        let own = self.own(region);
        match (&self.access.profile, account) {
            (Some(profile), Some(account)) if own.credentials().await.is_err() => {
                let base = self.of_profile(profile, account, region).await;
                self.session_of(&base, region, account.as_str())
            }
            _ => own,
        }
    }

    /// Credentials for an account, made once. The region is that of whom is asked first, and says which partition it is.
    pub(crate) async fn session(&self, account: &AccountId, region: &str) -> Result<Session, Cause> {
        let cell = Arc::clone(self.sessions.lock().await.entry(account.clone()).or_default());
        cell.get_or_init(|| self.make_session(account, region)).await.clone()
    }

    async fn make_session(&self, account: &AccountId, region: &str) -> Result<Session, Cause> {
        let partition = Partition::of_region(region);
        let mut base = match &self.access.profile {
            Some(profile) => self.of_profile(profile, account, region).await,
            None => self.own.clone(),
        };
        if let Some(role) = &self.access.assume_role {
            base = self.assumed(base, region, &role.for_account(partition, account)).await;
        }
        let session = self.session_of(&base, region, account.as_str());
        let ahead = self.clock.ahead();
        match session.require_account(account).await {
            // Of a role that is assumed the SDK's own provider was refused, and asks once.
            Err(_) if self.clock.ahead() != ahead => session.require_account(account).await?,
            required => required?,
        }
        Ok(session)
    }

    async fn of_profile(&self, profile: &Pattern, account: &AccountId, region: &str) -> SdkConfig {
        let profile = profile.for_account(Partition::of_region(region), account);
        config(&self.http, &self.clock, self.timeout, Some((&profile, region))).await
    }

    async fn assumed(&self, base: SdkConfig, region: &str, role: &str) -> SdkConfig {
        let mut provider = AssumeRoleProvider::builder(role)
            .session_name(self.access.verb.session_name())
            .region(Region::new(region.to_owned()))
            .configure(&base);
        if let Some(id) = &self.access.external_id {
            provider = provider.external_id(id);
        }
        let provider = provider.build().await;
        base.into_builder().credentials_provider(SharedCredentialsProvider::new(provider)).build()
    }

    /// A role that a session assumes. Nobody is asked before the credentials are used.
    pub(crate) async fn assume(&self, base: &Session, role: &RoleArn, region: &str) -> Session {
        let provider = AssumeRoleProvider::builder(role.to_string())
            .session_name(self.access.verb.session_name())
            .region(Region::new(region.to_owned()))
            .configure(&base.config)
            .build()
            .await;
        let credentials = SharedCredentialsProvider::new(provider);
        let config = base.config.to_builder().credentials_provider(credentials).build();
        self.session_of(&config, region, role.account.as_str())
    }

    fn session_of(&self, base: &SdkConfig, region: &str, account: &str) -> Session {
        let config = base
            .to_builder()
            .region(Region::new(region.to_owned()))
            .http_client(http::of_account(self.http.clone()))
            .build();
        Session {
            config,
            account: account.to_owned(),
            calls: self.calls.about(account),
            credentials: Arc::default(),
        }
    }
}

async fn config(
    http: &SharedHttpClient,
    clock: &Clock,
    timeout: Duration,
    profile: Option<(&str, &str)>,
) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(timeout)
        .operation_attempt_timeout(timeout)
        .operation_timeout(timeout * PATIENCE)
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http.clone())
        .time_source(clock.clone())
        .retry_config(RetryConfig::adaptive().with_max_attempts(ATTEMPTS))
        .timeout_config(timeouts);
    if let Some((profile, region)) = profile {
        // A profile that somebody names is meant, whatever credentials the environment has: as with `aws --profile`.
        let of_profile = ProfileFileCredentialsProvider::builder()
            .configure(
                &ProviderConfig::default()
                    .with_http_client(http.clone())
                    .with_time_source(clock.clone())
                    .with_region(Some(Region::new(region.to_owned()))),
            )
            .profile_name(profile)
            .build();
        loader = loader.profile_name(profile).credentials_provider(of_profile);
    }
    loader.load().await
}

/// A client that waits for nobody in another account, service or region: the SDK would share what it learns of throttling among
/// all clients of a service and region.
macro_rules! client {
    ($session:expr, $sdk:ident, $region:expr) => {{
        let region = $region.unwrap_or_else(|| $session.region());
        let partition = format!("{} {} {region}", $session.account, stringify!($sdk));
        let config = $sdk::config::Builder::from(&$session.config)
            .region($sdk::config::Region::new(region))
            .retry_partition($sdk::config::retry::RetryPartition::new(partition))
            .interceptor($session.calls.clone())
            .retry_classifier(clock::SignedAnew)
            .build();
        $sdk::Client::from_conf(config)
    }};
}

impl Session {
    pub(crate) fn eks(&self, region: &str) -> aws_sdk_eks::Client {
        client!(self, aws_sdk_eks, Some(region.to_owned()))
    }

    /// For requests about one cluster, which are counted as such.
    pub(crate) fn eks_of(&self, cluster: &ClusterArn) -> aws_sdk_eks::Client {
        let about = Self { calls: self.calls.about(&cluster.to_string()), ..self.clone() };
        about.eks(&cluster.region)
    }

    pub(crate) fn cloud_trail(&self, region: &str) -> aws_sdk_cloudtrail::Client {
        client!(self, aws_sdk_cloudtrail, Some(region.to_owned()))
    }

    pub(crate) fn iam(&self) -> aws_sdk_iam::Client {
        client!(self, aws_sdk_iam, None)
    }

    pub(crate) fn organizations(&self) -> aws_sdk_organizations::Client {
        client!(self, aws_sdk_organizations, None)
    }

    pub(crate) fn secrets_manager(&self, region: &str) -> aws_sdk_secretsmanager::Client {
        client!(self, aws_sdk_secretsmanager, Some(region.to_owned()))
    }

    fn sts(&self) -> aws_sdk_sts::Client {
        client!(self, aws_sdk_sts, None)
    }

    fn region(&self) -> String {
        self.config.region().map(ToString::to_string).unwrap_or_default()
    }

    /// Whose credentials they are, by STS.
    pub(crate) async fn caller(&self) -> Result<String, Cause> {
        let identity =
            self.sts().get_caller_identity().send().await.map_err(|error| Cause::of_aws(&error))?;
        identity
            .arn()
            .map(str::to_owned)
            .ok_or_else(|| Cause::new("STS doesn't say whose credentials they are"))
    }

    /// Answers of another account, written down as this one's, would be worse than none.
    async fn require_account(&self, account: &AccountId) -> Result<(), Cause> {
        let identity =
            self.sts().get_caller_identity().send().await.map_err(|error| Cause::of_aws(&error))?;
        match identity.account() {
            Some(own) if own == account.as_str() => Ok(()),
            own => Err(Cause::new(format!(
                "the credentials are of account `{}`: give `--assume-role` or `--profile`",
                own.unwrap_or("?")
            ))),
        }
    }

    /// A token for a cluster, good for a quarter of an hour.
    pub(crate) async fn token(&self, cluster: &ClusterArn) -> Result<SecretString, Cause> {
        token::Presigned {
            credentials: &self.credentials().await?,
            sts: &self.sts_address(&cluster.region).await?,
            region: &cluster.region,
            cluster: &cluster.name,
            now: self.now(),
        }
        .token()
    }

    /// By AWS's clock, as soon as that is known to be another: a token says when it was made.
    fn now(&self) -> SystemTime {
        self.config.time_source().unwrap_or_default().now()
    }

    /// Those that tokens are signed with, kept while a token that is signed now will outlive them no longer than it is used.
    async fn credentials(&self) -> Result<Credentials, Cause> {
        let mut kept = self.credentials.lock().await;
        let lasts =
            |kept: &&Credentials| kept.expiry().is_none_or(|expiry| expiry > self.now() + TOKEN_LASTS);
        if let Some(credentials) = kept.as_ref().filter(lasts) {
            return Ok(credentials.clone());
        }
        let provider =
            self.config.credentials_provider().ok_or_else(|| Cause::new("there are no credentials"))?;
        let made = provider.provide_credentials().await.map_err(|error| Cause::new(chain(&error)))?;
        Ok(kept.insert(made).clone())
    }

    /// STS's own address, whatever endpoint this session asks itself.
    async fn sts_address(&self, region: &str) -> Result<String, Cause> {
        let parameters = Params::builder()
            .region(region)
            .use_fips(self.config.use_fips().unwrap_or_default())
            .use_dual_stack(self.config.use_dual_stack().unwrap_or_default())
            .use_global_endpoint(false)
            .build()
            .map_err(|error| Cause::new(chain(&error)))?;
        let endpoint = DefaultResolver::new().resolve_endpoint(&parameters).await;
        endpoint.map(|endpoint| endpoint.url().to_owned()).map_err(|error| Cause::new(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn sts(region: &str, fips: bool, dual_stack: bool) -> String {
        // Whatever endpoint else is asked, tokens are for STS itself.
        let config = SdkConfig::builder()
            .region(Region::new("eu-west-1"))
            .endpoint_url("http://127.0.0.1:4566")
            .use_fips(fips)
            .use_dual_stack(dual_stack)
            .build();
        let session = Session {
            config,
            account: "111122223333".to_owned(),
            calls: Calls::default(),
            credentials: Arc::default(),
        };
        session.sts_address(region).await.unwrap()
    }

    #[tokio::test]
    async fn tokens_are_for_the_sts_of_the_clusters_region() {
        assert_eq!(sts("eu-west-1", false, false).await, "https://sts.eu-west-1.amazonaws.com");
        assert_eq!(sts("us-east-1", false, false).await, "https://sts.us-east-1.amazonaws.com");
        assert_eq!(sts("cn-north-1", false, false).await, "https://sts.cn-north-1.amazonaws.com.cn");
        assert_eq!(sts("us-east-1", true, false).await, "https://sts-fips.us-east-1.amazonaws.com");
        assert_eq!(sts("us-gov-west-1", false, false).await, "https://sts.us-gov-west-1.amazonaws.com");
        assert_eq!(sts("eu-west-1", false, true).await, "https://sts.eu-west-1.api.aws");
    }
}
