//! Answers as the services send them.
//!
//! EKS, Organizations and Secrets Manager answer in JSON, and what the AWS CLI prints is that JSON, but for the form of times. So the
//! body itself is kept: whatever a service says is written down, known to this release of Oarlock or not.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{
            Intercept,
            context::{AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef},
            dyn_dispatch_hint,
        },
        orchestrator::Metadata,
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::ConfigBag;
use serde_json::Value;

use crate::cause::Cause;

/// Sends a call and gives its answer's JSON: a macro, since each operation has a type of its own.
macro_rules! answer {
    ($call:expr) => {{
        let body = $crate::aws::answer::Body::default();
        match $call.customize().interceptor(body.clone()).send().await {
            Ok(_) => body.json(),
            Err(error) => Err($crate::cause::Cause::of_aws(&error)),
        }
    }};
}

/// All pages of a call as one, as the AWS CLI prints them: `$field` is the list that goes on.
macro_rules! all_pages {
    ($field:literal, $token:literal, $call:expr, $set:ident) => {{
        let mut all = $crate::aws::answer::Pages::new($field, $token);
        loop {
            match $crate::aws::answer::answer!($call.$set(all.next_token())) {
                Ok(page) => all.add(page),
                Err(cause) => break Err(cause),
            }
            if all.are_complete() {
                break Ok(all.into_value());
            }
        }
    }};
}

pub(crate) use {all_pages, answer};

/// Takes an answer's body along.
#[derive(Clone, Debug, Default)]
pub(crate) struct Body(Arc<Mutex<Vec<u8>>>);

impl Body {
    /// What it holds, with times as the AWS CLI prints them.
    pub(crate) fn json(&self) -> Result<Value, Cause> {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut value = serde_json::from_slice(&bytes)
            .map_err(|error| Cause::new(format!("the answer is no JSON: {error}")))?;
        super::form::print(&mut value);
        Ok(value)
    }
}

#[dyn_dispatch_hint]
impl Intercept for Body {
    fn name(&self) -> &'static str {
        "Body"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(bytes) = context.response().body().bytes() {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = bytes.to_vec();
        }
        Ok(())
    }
}

/// Pages of a list, put together.
pub(crate) struct Pages {
    field: &'static str,
    token: &'static str,
    whole: Option<Value>,
    next: Option<String>,
}

impl Pages {
    pub(crate) fn new(field: &'static str, token: &'static str) -> Self {
        Self { field, token, whole: None, next: None }
    }

    pub(crate) fn next_token(&self) -> Option<String> {
        self.next.clone()
    }

    pub(crate) fn are_complete(&self) -> bool {
        self.next.is_none()
    }

    pub(crate) fn add(&mut self, mut page: Value) {
        self.next = match page.as_object_mut().and_then(|page| page.shift_remove(self.token)) {
            Some(Value::String(token)) => Some(token),
            _ => None,
        };
        let list =
            |value: &mut Value| value.get_mut(self.field).and_then(Value::as_array_mut).map(std::mem::take);
        match &mut self.whole {
            None => self.whole = Some(page),
            Some(whole) => {
                let mut all = list(whole).unwrap_or_default();
                all.extend(list(&mut page).unwrap_or_default());
                if let Some(field) = whole.get_mut(self.field) {
                    *field = all.into();
                }
            }
        }
    }

    pub(crate) fn into_value(self) -> Value {
        self.whole.unwrap_or_default()
    }
}

/// Counts the requests, and knows of which operations they were and what they were about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Calls {
    /// An account's id or a cluster's ARN; empty where it isn't known.
    about: Arc<str>,
    made: Arc<Mutex<Vec<Call>>>,
}

/// One request.
#[derive(Clone, Debug)]
struct Call {
    about: Arc<str>,
    operation: String,
}

impl Calls {
    /// The same count, for requests about this account or cluster.
    pub(crate) fn about(&self, place: &str) -> Self {
        Self { about: place.into(), made: Arc::clone(&self.made) }
    }

    /// `service:Operation`, one for each request, repeated ones too.
    pub(crate) fn made(&self) -> Vec<String> {
        self.all().into_iter().map(|call| call.operation).collect()
    }

    /// How many requests there were about each account and cluster.
    pub(crate) fn by_place(&self) -> BTreeMap<Arc<str>, usize> {
        let mut places = BTreeMap::new();
        for call in self.all() {
            *places.entry(call.about).or_default() += 1;
        }
        places
    }

    fn all(&self) -> Vec<Call> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[dyn_dispatch_hint]
impl Intercept for Calls {
    fn name(&self) -> &'static str {
        "Calls"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(call) = bag.load::<Metadata>() {
            let operation = format!("{}:{}", call.service(), call.name());
            let call = Call { about: Arc::clone(&self.about), operation };
            self.made.lock().unwrap_or_else(PoisonError::into_inner).push(call);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pages_become_one_answer_without_a_token() {
        let mut pages = Pages::new("names", "nextToken");
        pages.add(json!({"names": ["a", "b"], "nextToken": "more"}));
        assert_eq!(pages.next_token().as_deref(), Some("more"));
        pages.add(json!({"names": ["c"], "nextToken": null}));
        assert!(pages.are_complete());
        assert_eq!(pages.into_value(), json!({"names": ["a", "b", "c"]}));
    }
}
