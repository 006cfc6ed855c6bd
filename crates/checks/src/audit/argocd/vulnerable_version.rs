use crate::audit::prelude::*;

about! {
    /// A version of Argo CD has holes that are published.
    ///
    /// CVE-2025-55190: whoever may read a project reads the credentials of its repositories, in every version before 2.13.9,
    /// 2.14.16, 3.0.14 and 3.1.2. CVE-2025-59531 and its like: whoever reaches argocd-server stops it by a webhook, before
    /// 2.14.20, 3.0.19 and 3.1.8. The version is that of an image `argoproj/argocd`, or that of a fleet file.
    ///
    /// ```yaml finds
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: argocd-server, namespace: argocd}
    /// spec:
    ///   template:
    ///     spec:
    ///       containers:
    ///         - name: argocd-server
    ///           image: quay.io/argoproj/argocd:v2.14.15
    /// ```
    ///
    /// ```yaml clean
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: argocd-server, namespace: argocd}
    /// spec:
    ///   template:
    ///     spec:
    ///       containers:
    ///         - name: argocd-server
    ///           image: quay.io/argoproj/argocd:v3.5.1
    /// ```
    ///
    /// References: Argo CD, security advisories GHSA-786q-9hcg-v9ff and GHSA-f9gq-prrc-hrhc
    Error, Certain, Security
}

#[derive(Debug, Error)]
#[error("Argo CD {version} has {hole}")]
struct Hole {
    version: String,
    hole: &'static str,
    critical: bool,
}

impl Facts for Hole {
    fn severity(&self) -> Option<Severity> {
        (!self.critical).then_some(Severity::Warning)
    }

    fn help(&self) -> Vec<String> {
        vec!["go to the newest patch of a supported version".to_owned()]
    }
}

/// The first patch of each minor version that doesn't have it. Minor versions before the first have it whatever their patch.
type Mended = [(u32, u32, u32)];

const CREDENTIALS: &Mended = &[(2, 13, 9), (2, 14, 16), (3, 0, 14), (3, 1, 2)];
const WEBHOOK: &Mended = &[(2, 14, 20), (3, 0, 19), (3, 1, 8)];

pub(crate) fn look(scene: &Scene<'_>, sink: &mut Sink) {
    for fleet in scene.of_kind("Fleet") {
        let named = fleet.node.at_path(&["spec", "hub", "argocd", "version"]);
        let Some((node, text)) = named.and_then(|node| Some((node, node.text()?))) else { continue };
        // A fleet file names no patch: only of a minor version that was never mended it is sure.
        if let Some((hole, critical)) = version(&format!("{text}.{}", u32::MAX)).and_then(hole) {
            sink.found(fleet.at(node), &Hole { version: text.to_owned(), hole, critical });
        }
    }
    for document in scene.texts.iter().flat_map(|text| &text.documents) {
        let mut open = vec![&document.root];
        while let Some(node) = open.pop() {
            open.extend(node.items());
            open.extend(node.entries().iter().map(|(_, value)| value));
            let image = node.get("image").and_then(|image| Some((image, image.text()?)));
            let Some((place, (_, tag))) =
                image.and_then(|(node, text)| Some((node, text.split_once("argoproj/argocd:")?)))
            else {
                continue;
            };
            let tag = tag.split('@').next().unwrap_or(tag);
            if let Some((hole, critical)) = version(tag).and_then(hole) {
                let at = crate::audit::subject::place(&document.file, place.at);
                sink.found(at, &Hole { version: tag.to_owned(), hole, critical });
            }
        }
    }
}

fn version(tag: &str) -> Option<(u32, u32, u32)> {
    let mut numbers = tag.trim_start_matches('v').split('.').map(str::parse);
    match (numbers.next()?, numbers.next()?, numbers.next()?) {
        (Ok(major), Ok(minor), Ok(patch)) => Some((major, minor, patch)),
        _ => None,
    }
}

fn hole(version: (u32, u32, u32)) -> Option<(&'static str, bool)> {
    if has(version, CREDENTIALS) {
        return Some((
            "CVE-2025-55190: whoever may read a project reads the credentials of its repositories",
            true,
        ));
    }
    has(version, WEBHOOK)
        .then_some(("CVE-2025-59531: whoever reaches argocd-server stops it by a webhook", false))
}

fn has((major, minor, patch): (u32, u32, u32), mended: &Mended) -> bool {
    match mended.iter().find(|(m, n, _)| (*m, *n) == (major, minor)) {
        Some((.., first)) => patch < *first,
        None => mended.first().is_some_and(|(m, n, _)| (major, minor) < (*m, *n)),
    }
}
