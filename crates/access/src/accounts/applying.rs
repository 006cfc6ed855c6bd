//! All policies that apply to a request, and what AWS answers by them.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use facts::{Gap, Place};
use iam::{
    Context, ContextValue, Decision, Document, Layers, Policy, Principals, Request, Statement, StatementId,
};

use super::{
    Levels,
    policies::{OfPrincipal, Read},
};

/// All policies that apply to a request, as far as they are known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Applying {
    layers: Layers,
    places: BTreeMap<String, Vec<Place>>,
    gaps: Vec<Gap>,
}

/// What AWS answers, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Allowed, and by which statements.
    Yes {
        /// For people.
        by: String,
        /// Where they stand, as far as that is known.
        places: Vec<Place>,
    },
    /// Denied or not allowed, and why.
    No {
        /// For people.
        why: String,
        /// Whether a statement denies it: then no further statement would allow it.
        denied: bool,
        /// Where those that deny it stand, as far as that is known.
        places: Vec<Place>,
    },
    /// What would have to be known.
    Unknown(Vec<Gap>),
}

impl Applying {
    /// Policies that limit the session.
    pub(crate) fn with_session(mut self, policies: &[Arc<Policy>]) -> Self {
        self.layers.session.extend(policies.iter().cloned());
        self
    }

    /// The requests of somebody with all permissions.
    pub(super) fn everything() -> Self {
        let mut applying = Self::default();
        applying.layers.identity.push(Arc::clone(&EVERYTHING));
        applying
    }

    /// Whether a statement of its own policies may be about an action; so is whatever isn't known of them.
    pub(crate) fn may_allow(&self, action: &str) -> bool {
        self.layers.identity.iter().any(|policy| policy.may_allow(action))
    }

    /// What isn't known of the policies.
    pub(crate) fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    pub(super) fn add_identity(&mut self, own: &OfPrincipal) {
        let identity = self.known(&own.identity, &EVERYTHING);
        self.layers.identity.extend(identity);
        if let Some(boundary) = &own.boundary {
            self.layers.boundary = self.known(boundary, &EVERYTHING).pop();
        }
    }

    pub(super) fn add_trust(&mut self, trust: &Read) {
        self.layers.trust = self.known(trust, &EVERYBODY).pop();
    }

    pub(super) fn add_scps(&mut self, levels: &Levels) {
        self.layers.scps = self.of_levels(levels);
    }

    pub(super) fn add_rcps(&mut self, levels: &Levels) {
        self.layers.rcps = self.of_levels(levels);
    }

    /// An organisation's policies, level by level; none where they weren't read.
    fn of_levels(&mut self, levels: &Levels) -> Vec<Vec<Arc<Policy>>> {
        match levels {
            Ok(levels) => {
                self.places.extend(levels.iter().flat_map(|level| level.places.clone()));
                levels.iter().map(|level| level.policies.clone()).collect()
            }
            Err(gap) => {
                self.gaps.push(gap.clone());
                Vec::new()
            }
        }
    }

    /// What is known; with a policy that allows all in the place of what isn't, so that whatever is refused then is refused
    /// whatever stands there.
    fn known(&mut self, read: &Read, instead: &Arc<Policy>) -> Vec<Arc<Policy>> {
        self.gaps.extend(read.gaps.iter().cloned());
        self.places.extend(read.places.clone());
        let mut policies = read.policies.clone();
        if !read.gaps.is_empty() {
            policies.push(Arc::clone(instead));
        }
        policies
    }

    fn places_of(&self, statements: &[StatementId]) -> Vec<Place> {
        let place = |id: &StatementId| {
            let places = self.places.get(&id.policy)?;
            places.get(id.statement).or_else(|| places.first().filter(|_| places.len() == 1)).cloned()
        };
        statements.iter().filter_map(place).collect()
    }

    /// What AWS answers to a request.
    pub(crate) fn ask(&self, request: &Request) -> Answer {
        let explanation = self.layers.explain(request);
        match explanation.decision {
            Decision::Allowed if self.gaps.is_empty() => {
                Answer::Yes { by: joined(&explanation.by, ", "), places: self.places_of(&explanation.by) }
            }
            Decision::Allowed => Answer::Unknown(self.gaps.clone()),
            Decision::ExplicitDeny => {
                let why = format!("denied by {}", joined(&explanation.by, ", "));
                Answer::No { why, denied: true, places: self.places_of(&explanation.by) }
            }
            Decision::ImplicitDeny => Answer::No {
                why: format!("nothing allows it; nearest in {}", joined(&explanation.nearest, "; ")),
                denied: false,
                places: Vec::new(),
            },
            Decision::Unknown => {
                let keys = explanation.missing.iter().map(|key| {
                    Gap::new(
                        format!("`{key}` of the request"),
                        "a policy's condition asks for it, and no file tells it",
                    )
                });
                let mut missing: Vec<Gap> = self.gaps.iter().cloned().chain(keys).collect();
                if missing.is_empty() {
                    let cause = "a policy has a condition that Oarlock doesn't know";
                    missing.push(Gap::new("whether the request is allowed", cause));
                }
                Answer::Unknown(missing)
            }
        }
    }
}

fn joined(all: &[impl ToString], by: &str) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(by)
}

/// What every request of an AWS SDK says of itself: it comes over TLS, to STS in its region, and not by way of another service.
pub(crate) fn of_sdk(region: Option<&str>) -> Context {
    let one = |key: &str, value: &str| (key.to_owned(), ContextValue::One(value.to_owned()));
    let none = |key: &str| (key.to_owned(), ContextValue::Many(Vec::new()));
    let context = Context::open([
        one("aws:SecureTransport", "true"),
        one("aws:ViaAWSService", "false"),
        none("aws:CalledVia"),
        none("aws:CalledViaFirst"),
        none("aws:CalledViaLast"),
    ]);
    // The tags that are passed and those of the role are known wherever the role is.
    let context = ["aws:RequestTag/", "aws:ResourceTag/", "iam:ResourceTag/"]
        .iter()
        .fold(context, |context, all| context.with_all_of(all));
    region.iter().fold(context, |context, region| context.with(one("aws:RequestedRegion", region)))
}

static EVERYTHING: LazyLock<Arc<Policy>> = LazyLock::new(|| {
    Arc::new(Policy::new("(not read)", &Document::new([Statement::allow("", ["*"]).on(["*"])])))
});

static EVERYBODY: LazyLock<Arc<Policy>> = LazyLock::new(|| {
    let everybody = Statement::allow("", ["*"]).to(Principals::aws(["*"]));
    Arc::new(Policy::new("(not read)", &Document::new([everybody])))
});
