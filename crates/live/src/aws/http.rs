//! How AWS is reached: rustls, the environment's proxy, and only so many requests at once to one host.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use aws_smithy_http_client::{
    Builder, Connector,
    proxy::ProxyConfig,
    tls::{Provider, TlsContext, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
        SharedHttpConnector,
    },
    orchestrator::HttpRequest,
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use tokio::sync::Semaphore;

/// So many requests are under way at once in one account, service and region. EKS's describing calls and IAM's reading ones share
/// buckets of this order with whoever else is in the account.
const AT_ONCE: usize = 4;

/// The client that all accounts share, with its connections.
pub(super) fn client(trusted: TlsContext) -> SharedHttpClient {
    let connector = move |settings: Option<&HttpConnectorSettings>,
                          components: Option<&RuntimeComponents>| {
        let mut builder = Connector::builder()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(trusted.clone())
            .proxy_config(ProxyConfig::from_env());
        builder.set_connector_settings(settings.cloned());
        builder.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        builder.build()
    };
    Builder::new().build_with_connector_fn(connector)
}

/// The same client for one account: whoever waits there makes nobody else wait.
pub(super) fn of_account(client: SharedHttpClient) -> SharedHttpClient {
    SharedHttpClient::new(Limited { client, hosts: Arc::default() })
}

/// A host names service and region.
type Hosts = Arc<Mutex<HashMap<String, Arc<Semaphore>>>>;

#[derive(Debug)]
struct Limited {
    client: SharedHttpClient,
    hosts: Hosts,
}

#[derive(Debug)]
struct LimitedConnector {
    connector: SharedHttpConnector,
    hosts: Hosts,
}

impl HttpClient for Limited {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let connector = self.client.http_connector(settings, components);
        SharedHttpConnector::new(LimitedConnector { connector, hosts: Arc::clone(&self.hosts) })
    }
}

impl HttpConnector for LimitedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let host = request.uri().split('/').nth(2).unwrap_or_default().to_owned();
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let limit = Arc::clone(hosts.entry(host).or_insert_with(|| Arc::new(Semaphore::new(AT_ONCE))));
        let connector = self.connector.clone();
        HttpConnectorFuture::new(async move {
            let _held = limit.acquire().await.map_err(|closed| ConnectorError::user(closed.into()))?;
            connector.call(request).await
        })
    }
}
