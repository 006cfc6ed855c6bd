//! Questions by chance, weighted to odd corners: policies are made near to the request that they are asked about, so that most
//! of their elements match it, and which don't, hardly don't.
//!
//! What AWS doesn't document is left out: wildcards in what kind of resource an ARN is of, other letter case in its first
//! fields, ARN operators on what is no ARN or with a pattern of fewer fields, numbers that a float has no room for, and
//! variables in `Bool`, of which two pages say different things.

mod condition;
mod context;
mod policy;
mod scene;
mod text;

use fastrand::Rng;
use serde_json::Value;

use super::question::{Layer, Question, WhoKind};
use policy::Writer;
use scene::Attached;

pub(super) use crate::e2e::generate::{list, pick};

/// One question.
pub(super) fn question(rng: &mut Rng) -> Question {
    let (mut question, attached) = scene::request(rng);
    question.context = context::context(rng);
    let about = question.spelled_out();
    let mut writer = Writer { rng, about: &about };
    let is_of_iam = question.principal.kind == WhoKind::Aws;
    if is_of_iam {
        question.identity_policies = writer.policies(Layer::Identity, 0..3);
    }
    if is_of_iam && !question.principal.id.ends_with(":root") {
        limits(&mut writer, &mut question);
    }
    of_resource(&mut writer, &mut question, attached);
    of_organization(&mut writer, &mut question);
    question
}

fn limits(writer: &mut Writer<'_>, question: &mut Question) {
    if writer.one_in(4) {
        question.permissions_boundary = Some(writer.policy(Layer::Boundary));
    }
    if question.principal.id.contains(":sts:") && writer.one_in(3) {
        question.session_policies = vec![writer.policy(Layer::Session)];
    }
}

fn of_resource(writer: &mut Writer<'_>, question: &mut Question, attached: Attached) {
    let is_own = writer.about.is_within_account();
    match attached {
        Attached::Nothing => {}
        Attached::Perhaps if is_own && !writer.one_in(3) => {}
        Attached::Perhaps if writer.one_in(8) => {}
        Attached::Perhaps | Attached::Always => {
            question.resource_policy = Some(writer.policy(Layer::Resource));
        }
        Attached::Trust => question.trust_policy = Some(writer.policy(Layer::Trust)),
    }
}

fn of_organization(writer: &mut Writer<'_>, question: &mut Question) {
    if writer.one_in(4) {
        question.scps = levels(writer, Layer::Scp);
    }
    if writer.one_in(6) {
        question.rcps = levels(writer, Layer::Rcp);
    }
    if writer.one_in(8) {
        question.endpoint_policies = vec![writer.policy(Layer::Endpoint)];
    }
}

/// From the root to the account; now and then one without a policy.
fn levels(writer: &mut Writer<'_>, layer: Layer) -> Vec<Vec<Value>> {
    (0..writer.rng.usize(1..4))
        .map(|_| match writer.rng.u8(..24) {
            0 => Vec::new(),
            1..=9 => vec![policy::full_access(layer)],
            10..=17 => vec![policy::full_access(layer), writer.policy(layer)],
            _ => writer.policies(layer, 1..3),
        })
        .collect()
}
