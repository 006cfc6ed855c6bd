//! From a message to the errors in it.

use super::{
    message::Message,
    pattern::Parts,
    signature::{COMPILED, Rank, Signature},
};

/// One error in a message.
#[derive(Clone, Debug)]
pub struct Recognised {
    /// What is known about it.
    pub signature: &'static Signature,
    /// Its parts, with what stands beside the message.
    pub parts: Parts,
}

/// The errors of a message. A message often wraps one in others: what says only that something is wrong counts where nothing
/// says what. Of signatures that overlap, the first counts.
pub fn recognise(message: &Message) -> Vec<Recognised> {
    let mut taken: Vec<(usize, usize)> = Vec::new();
    let mut recognised = Vec::new();
    for rank in [Rank::Cause, Rank::Symptom] {
        for compiled in COMPILED.iter().filter(|compiled| compiled.signature.rank == rank) {
            for found in compiled.find(&message.text) {
                if taken.iter().any(|(start, end)| found.start < *end && *start < found.end) {
                    continue;
                }
                taken.push((found.start, found.end));
                recognised.push(Recognised {
                    signature: compiled.signature,
                    parts: with_context(found.parts, compiled.signature, message),
                });
            }
            if rank == Rank::Symptom && !recognised.is_empty() {
                return recognised;
            }
        }
        if !recognised.is_empty() {
            break;
        }
    }
    recognised
}

fn with_context(mut parts: Parts, signature: &Signature, message: &Message) -> Parts {
    parts.extend(signature.fixed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    for (name, value) in &message.context {
        parts.entry(name.clone()).or_insert_with(|| value.clone());
    }
    if let (false, Some(server)) = (parts.contains_key("server"), server(&message.text)) {
        parts.insert("server".to_owned(), server);
    }
    parts
}

/// The API server that a text names: the address of an EKS cluster, in a URL.
fn server(text: &str) -> Option<String> {
    let urls = text.match_indices("https://").filter_map(|(at, _)| text.get(at..));
    let hosts = urls.map(|url| {
        let rest = url.get("https://".len()..).unwrap_or_default();
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':')))
            .unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default().trim_end_matches([':', '.'])
    });
    let is_eks =
        |host: &&str| host.contains(".eks.") && host.contains("amazonaws.com") && !host.starts_with("oidc.");
    hosts.into_iter().find(is_eks).map(|host| format!("https://{host}"))
}
