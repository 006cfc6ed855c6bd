//! What belongs together: an account, a cluster, or the loose files that somebody gives.

use facts::ClusterArn;
use inventory::{Cluster, Inventory};

use super::{
    ClusterSecretSubject, Object, Policy, PolicyKind,
    argocd::{Map, maps},
    eks::Eks,
    object, policy,
};
use crate::audit::source::{Command, Text};

/// What a scene is of.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Of<'s> {
    /// Files without an inventory around them: what isn't in them may be elsewhere.
    Files,
    /// An account of the inventory.
    Account,
    /// A cluster of the inventory.
    Cluster(&'s ClusterArn, &'s Cluster),
}

/// All that checks look at, at a time.
pub(crate) struct Scene<'s> {
    pub(crate) of: Of<'s>,
    pub(crate) inventory: Option<&'s Inventory>,
    pub(crate) texts: &'s [Text],
    pub(crate) policies: Vec<Policy<'s>>,
    pub(crate) objects: Vec<Object<'s>>,
    pub(crate) cluster_secrets: Vec<ClusterSecretSubject<'s>>,
    pub(crate) eks: Eks<'s>,
}

impl<'s> Scene<'s> {
    pub(crate) fn new(of: Of<'s>, inventory: Option<&'s Inventory>, texts: &'s [Text]) -> Self {
        let mut scene = Self {
            of,
            inventory,
            texts,
            policies: Vec::new(),
            objects: Vec::new(),
            cluster_secrets: Vec::new(),
            eks: Eks::default(),
        };
        for document in texts.iter().flat_map(|text| &text.documents) {
            policy::policies(document, &mut scene.policies);
            object::objects(document, &mut scene.objects);
            scene.eks.read(document);
        }
        scene.cluster_secrets = scene.objects.iter().filter_map(ClusterSecretSubject::of).collect();
        scene
    }

    pub(crate) fn commands(&self) -> impl Iterator<Item = &'s Command> + use<'s> {
        self.texts.iter().flat_map(|text| &text.commands)
    }

    pub(crate) fn trusts(&self) -> impl Iterator<Item = &Policy<'s>> {
        self.policies.iter().filter(|policy| policy.kind == PolicyKind::Trust)
    }

    /// Policies of identities: what they may do.
    pub(crate) fn grants(&self) -> impl Iterator<Item = &Policy<'s>> {
        self.policies.iter().filter(|policy| policy.kind == PolicyKind::Identity)
    }

    pub(crate) fn of_kind(&self, kind: &'static str) -> impl Iterator<Item = &Object<'s>> {
        self.objects.iter().filter(move |object| object.kind == kind)
    }

    /// The cluster, with its objects as the inventory has them.
    pub(crate) fn cluster(&self) -> Option<(&'s ClusterArn, &'s Cluster)> {
        match self.of {
            Of::Cluster(arn, cluster) => Some((arn, cluster)),
            _ => None,
        }
    }

    /// The settings of Argo CD in a ConfigMap of this name, wherever they are kept.
    pub(crate) fn settings(&self, name: &str) -> Vec<Map<'s>> {
        let documents = self.texts.iter().flat_map(|text| &text.documents);
        maps(name, &self.objects, documents)
    }
}
