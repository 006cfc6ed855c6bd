//! A request, as the engine decides it.

use facts::AccountId;

use crate::{
    action::Asked,
    context::Context,
    principal::{Principal, PrincipalKind},
};

/// Who wants to do what, to what.
#[derive(Clone, Debug)]
pub struct Request {
    pub(crate) principal: Principal,
    pub(crate) action: Asked,
    /// ARN, or `*` for actions that know no resources.
    pub(crate) resource: Box<str>,
    /// Whose the resource is, if that is known.
    pub(crate) resource_account: Option<Box<str>>,
    pub(crate) context: Context,
    /// Whether principal and resource belong to the same account.
    pub(crate) is_within_account: bool,
}

impl Request {
    /// A request. Where neither `resource_account` nor the ARN says whose the resource is, it is taken for the principal's
    /// account's. The keys that the request itself determines are added to the context, unless they are there (IAM User
    /// Guide, "AWS global condition context keys").
    pub fn new(
        principal: Principal,
        action: &str,
        resource: &str,
        resource_account: Option<&str>,
        context: Context,
    ) -> Self {
        let own = resource.split(':').nth(4).filter(|account| AccountId::is(account));
        let account = resource_account.or(own).map(Into::into);
        let mut request = Self {
            action: Asked::new(action),
            resource: resource.into(),
            is_within_account: is_within(&principal, account.as_deref()),
            principal,
            resource_account: account,
            context,
        };
        request.determine();
        request.context.shrink();
        request
    }

    fn determine(&mut self) {
        let context = &mut self.context;
        if let Some(arn) = self.principal.principal_arn() {
            context.determine("aws:principalarn", &arn);
        }
        if let Some(account) = self.principal.account() {
            context.determine("aws:principalaccount", account);
        }
        if let Some(account) = &self.resource_account {
            context.determine("aws:resourceaccount", account);
        }
        let kind = match self.principal.kind() {
            PrincipalKind::User { name } => {
                context.determine("aws:username", name.rsplit('/').next().unwrap_or(name));
                Some("User")
            }
            PrincipalKind::Role { .. } | PrincipalKind::Session { .. } => Some("AssumedRole"),
            PrincipalKind::FederatedUser { .. } => Some("FederatedUser"),
            PrincipalKind::Root => Some("Account"),
            PrincipalKind::Anonymous => Some("Anonymous"),
            PrincipalKind::Service => {
                context.determine("aws:principalservicename", self.principal.id());
                None
            }
            PrincipalKind::Federated | PrincipalKind::Other => None,
        };
        if let Some(kind) = kind {
            context.determine("aws:principaltype", kind);
        }
        let is_service = matches!(self.principal.kind(), PrincipalKind::Service);
        context.determine("aws:principalisawsservice", if is_service { "true" } else { "false" });
    }
}

fn is_within(principal: &Principal, resource_account: Option<&str>) -> bool {
    match (principal.account(), resource_account) {
        (Some(own), Some(account)) => own == account,
        (Some(_), None) => true,
        (None, _) => false,
    }
}
