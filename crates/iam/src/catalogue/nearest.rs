//! The action or condition key that somebody most probably meant.

use super::{
    Service,
    action::actions_matching,
    condition_key::{ConditionKey, services_with},
    global::GLOBAL_KEYS,
    issuer, service, services,
};

/// The action that somebody most probably meant, if any is near enough to be worth naming: its name, the prefix of its
/// service, or both misspelt, or a name that only another service has.
pub fn nearest_action(text: &str) -> Option<String> {
    let (prefix, name) = text.split_once(':').unwrap_or(("", text));
    let misspelt = match service(prefix) {
        Some(service) => nearest(name, names(service)).map(|name| format!("{}:{name}", service.prefix)),
        None => in_near_service(prefix, name),
    };
    misspelt.or_else(|| only_one_named(name))
}

/// The condition key that somebody most probably meant, with the parameter that was given.
pub fn nearest_condition_key(text: &str) -> Option<String> {
    if let Some(claim) = issuer::nearest_claim(text) {
        return Some(claim);
    }
    let (prefix, _) = text.split_once(':')?;
    let mut keys: Vec<&ConditionKey> = GLOBAL_KEYS.iter().collect();
    let own: Vec<&Service> = services_with(prefix).collect();
    let near = near_services(prefix).filter(|_| own.is_empty() && !prefix.eq_ignore_ascii_case("aws"));
    for service in own.iter().copied().chain(near.map(|(_, service)| service)) {
        keys.extend(&service.condition_keys);
    }
    nearest_key_among(text, keys.into_iter().map(|key| key.name))
}

/// The one of some condition keys that somebody most probably meant, with the parameter that was given.
pub fn nearest_key_among<'k>(text: &str, keys: impl IntoIterator<Item = &'k str>) -> Option<String> {
    let near = keys.into_iter().filter_map(|key| meant(text, key));
    near.min().map(|(_, key)| key)
}

/// The nearest of some words.
pub(super) fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let near = candidates.into_iter().filter_map(|candidate| Some((distance(word, candidate)?, candidate)));
    near.min().map(|(_, candidate)| candidate)
}

/// How many letters are wrong, missing or swapped, case aside. Nothing if it is more than one, and more than a third of
/// what follows the colon: then the word isn't a misspelling of the other.
fn distance(word: &str, candidate: &str) -> Option<usize> {
    let (word, candidate) = (word.to_lowercase(), candidate.to_lowercase());
    let letters = |text: &str| text.rsplit(':').next().map_or(0, |name| name.chars().count());
    let most = (letters(&word).max(letters(&candidate)) / 3).max(1);
    let distance = strsim::damerau_levenshtein(&word, &candidate);
    (distance <= most).then_some(distance)
}

fn names(service: &'static Service) -> impl Iterator<Item = &'static str> {
    service.actions.iter().map(|action| action.name)
}

fn near_services(prefix: &str) -> impl Iterator<Item = (usize, &'static Service)> {
    services().filter_map(move |other| Some((distance(prefix, other)?, service(other)?)))
}

fn in_near_service(prefix: &str, name: &str) -> Option<String> {
    let near = near_services(prefix).filter_map(|(far, service)| {
        let found = nearest(name, names(service))?;
        Some((far + distance(name, found)?, format!("{}:{found}", service.prefix)))
    });
    near.min().map(|(_, action)| action)
}

/// The action of that very name, if one service alone has one.
fn only_one_named(name: &str) -> Option<String> {
    let mut found = actions_matching("*:*").filter(|action| action.name.eq_ignore_ascii_case(name));
    let action = found.next()?;
    found.next().is_none().then(|| action.to_string())
}

/// How far the text is from a key, and the key with the text's parameter if it takes one: `aws:RequestTag/team`.
fn meant(text: &str, key: &str) -> Option<(usize, String)> {
    let Some((name, _)) = key.split_once('/').filter(|(_, parameter)| parameter.starts_with(['$', '<']))
    else {
        return Some((distance(text, key)?, key.to_owned()));
    };
    let (word, given) = text.split_once('/').unwrap_or((text, ""));
    let spelt = if given.is_empty() { key.to_owned() } else { format!("{name}/{given}") };
    Some((distance(word, name)?, spelt))
}
