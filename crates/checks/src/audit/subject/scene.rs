//! What belongs together: an account, a cluster, or the loose files that somebody gives.

use std::cell::{OnceCell, RefCell};

use access::Installation;
use facts::{ClusterArn, Gap};
use inventory::{Account, Cluster, Inventory, Known};

use super::{
    ClusterSecretSubject, Lints, Object, Policy, PolicyKind, RoleSubject, Whole,
    argocd::{Map, maps},
    eks::{Associated, ClusterSettings, Eks, Entry, PodIdentity},
    object, policy, rbac,
};
use crate::audit::{
    fix::{Source, Sources},
    source::{Command, Text},
};

/// What a scene is of.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Of<'s> {
    /// Files without an inventory around them: what isn't in them may be elsewhere.
    Files,
    /// An account of the inventory, if it could be read at all.
    Account(Option<&'s Account>),
    /// A cluster of the inventory.
    Cluster(&'s ClusterArn, &'s Cluster),
}

/// All that checks look at, at a time. Whoever looks at something that the inventory should have and hasn't leaves a gap behind.
pub(crate) struct Scene<'s> {
    pub(crate) of: Of<'s>,
    pub(crate) inventory: Option<&'s Inventory>,
    pub(crate) whole: Option<&'s Whole<'s>>,
    pub(crate) lints: &'s Lints,
    pub(crate) texts: &'s [Text],
    sources: Sources<'s>,
    policies: Vec<Policy<'s>>,
    objects: Vec<Object<'s>>,
    roles: OnceCell<Vec<RoleSubject<'s>>>,
    cluster_secrets: Vec<ClusterSecretSubject<'s>>,
    eks: Eks<'s>,
    missing: RefCell<Vec<Gap>>,
}

/// Objects of Argo CD: only where it runs they are missed.
const ARGOCD: [&str; 2] = ["secrets", "appprojects"];

impl<'s> Scene<'s> {
    pub(crate) fn new(
        of: Of<'s>,
        whole: Option<&'s Whole<'s>>,
        lints: &'s Lints,
        texts: &'s [Text],
        sources: Sources<'s>,
    ) -> Self {
        let mut scene = Self {
            of,
            inventory: whole.map(|whole| whole.inventory),
            whole,
            lints,
            texts,
            sources,
            policies: Vec::new(),
            objects: Vec::new(),
            roles: OnceCell::new(),
            cluster_secrets: Vec::new(),
            eks: Eks::default(),
            missing: RefCell::default(),
        };
        for document in texts.iter().flat_map(|text| &text.documents) {
            policy::policies(document, &mut scene.policies);
            object::objects(document, &mut scene.objects);
            scene.eks.read(document);
        }
        scene.cluster_secrets = scene.objects.iter().filter_map(ClusterSecretSubject::of).collect();
        scene
    }

    /// A file's text, if somebody may edit it.
    pub(crate) fn source(&self, file: &str) -> Option<&Source<'s>> {
        self.sources.get(file)
    }

    pub(crate) fn commands(&self) -> impl Iterator<Item = &'s Command> + use<'s> {
        self.texts.iter().flat_map(|text| &text.commands)
    }

    pub(crate) fn policies(&self) -> &[Policy<'s>] {
        match self.of {
            Of::Account(Some(account)) => self.miss(account.roles.gap()),
            Of::Account(None) => self.miss(Some(&Gap::new("the IAM roles of this account", "not readable"))),
            _ => {}
        }
        &self.policies
    }

    pub(crate) fn trusts(&self) -> impl Iterator<Item = &Policy<'s>> {
        self.policies().iter().filter(|policy| policy.kind == PolicyKind::Trust)
    }

    /// Policies of identities: what they may do.
    pub(crate) fn grants(&self) -> impl Iterator<Item = &Policy<'s>> {
        self.policies().iter().filter(|policy| policy.kind == PolicyKind::Identity)
    }

    pub(crate) fn of_kind(&self, kind: &'static str) -> impl Iterator<Item = &Object<'s>> {
        self.miss_list(&format!("{}s", kind.to_ascii_lowercase()));
        self.objects.iter().filter(move |object| object.kind == kind)
    }

    /// Roles and ClusterRoles that people wrote, with their rules.
    pub(crate) fn roles(&self) -> &[RoleSubject<'s>] {
        ["clusterroles", "roles"].into_iter().for_each(|list| self.miss_list(list));
        self.roles.get_or_init(|| rbac::roles(&self.objects))
    }

    pub(crate) fn cluster_secrets(&self) -> &[ClusterSecretSubject<'s>] {
        self.miss_list("secrets");
        &self.cluster_secrets
    }

    pub(crate) fn entries(&self) -> &[Entry<'s>] {
        self.miss(self.cluster().and_then(|(_, cluster)| cluster.access_entries.gap()));
        &self.eks.entries
    }

    pub(crate) fn associated(&self) -> &[Associated<'s>] {
        self.entries();
        let entries = self.cluster().and_then(|(_, cluster)| cluster.access_entries.known());
        // EKS associates policies with its nodes' entries itself.
        let standard =
            entries.into_iter().flat_map(|entries| entries.values()).filter(|entry| entry.kind == "STANDARD");
        standard.for_each(|entry| self.miss(entry.policies.gap()));
        &self.eks.associated
    }

    pub(crate) fn pod_identities(&self) -> &[PodIdentity<'s>] {
        if let Some((_, cluster)) = self.cluster() {
            match &cluster.pod_identity_associations {
                Known::Gap(gap) => self.miss(Some(gap)),
                Known::Known(all) => all.values().for_each(|association| self.miss(association.role.gap())),
            }
        }
        &self.eks.pod_identities
    }

    pub(crate) fn clusters(&self) -> &[ClusterSettings<'s>] {
        self.miss(self.cluster().and_then(|(_, cluster)| cluster.description.gap()));
        &self.eks.clusters
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
        self.miss_list("configmaps");
        let documents = self.texts.iter().flat_map(|text| &text.documents);
        maps(name, &self.objects, documents)
    }

    /// What was missed since somebody asked last.
    pub(crate) fn take_missing(&self) -> Vec<Gap> {
        self.missing.take()
    }

    fn miss(&self, gap: Option<&Gap>) {
        let mut missing = self.missing.borrow_mut();
        if let Some(gap) = gap.filter(|gap| !missing.contains(gap)) {
            missing.push(gap.clone());
        }
    }

    fn miss_list(&self, list: &str) {
        let Some((arn, cluster)) = self.cluster() else { return };
        if cluster.kubernetes.objects.contains_key(list) || !cluster.kubernetes.gaps.contains_key(list) {
            return;
        }
        let runs_argocd =
            || Installation::on(arn, cluster).is_some() || cluster.kubernetes.list("configmaps").is_err();
        if !ARGOCD.contains(&list) || runs_argocd() {
            self.miss(cluster.kubernetes.list(list).err().as_ref());
        }
    }
}
