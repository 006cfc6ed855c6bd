//! One line of a log: logrus' text and JSON formats (Argo CD), klog's (Kubernetes), with what kubectl and container runtimes put
//! before it, or anything else.

use facts::Place;
use serde_json::Value;

use super::object;
use crate::diagnosis::{
    message::{Level, Message},
    pattern::Parts,
};

/// Adds the message of a line, if it has one.
pub(super) fn add(line: &str, place: Place, messages: &mut Vec<Message>) {
    let line = without_colours(line);
    let (pod, line) = without_pod(line.trim());
    let line = without_time(line);
    if line.is_empty() {
        return;
    }
    let first = messages.len();
    match line.starts_with('{').then(|| serde_json::from_str::<Value>(line)) {
        Some(Ok(value)) => object::add(&value, &place, messages),
        _ => messages.extend(message(line, place)),
    }
    for message in messages.iter_mut().skip(first) {
        if let Some(component) = pod.and_then(component) {
            message.context.entry("component".to_owned()).or_insert_with(|| component.to_owned());
        }
    }
}

/// A message from the fields of a log line, by the names that Argo CD gives them (util/log/logrus.go, `GetAppLogFields`).
pub(super) fn of_fields(fields: &Parts, place: Place) -> Option<Message> {
    let field = |names: &[&str]| {
        let found = names.iter().find_map(|name| fields.get(*name));
        found.map(String::as_str).filter(|value| !value.is_empty())
    };
    let said = field(&["msg", "message"]);
    let error = field(&["error", "err", "grpc.error"]);
    let text = match (said, error) {
        (Some(said), Some(error)) if !said.contains(error) => format!("{said}: {error}"),
        (Some(one), _) | (None, Some(one)) => one.to_owned(),
        (None, None) => return None,
    };
    let level = level(field(&["level", "severity", "lvl"]), error.is_some());
    let message = Message::new(text, level, place)
        .with("application", field(&["application", "app", "app-qualified-name"]))
        .with("project", field(&["project"]))
        .with("server", field(&["server", "dest-server", "cluster"]).filter(|own| own.contains("://")))
        .with("cluster", field(&["dest-name"]))
        .with("destination", field(&["dest-namespace"]))
        .with("caller-arn", field(&["arn"]))
        .with("component", field(&["component", "container", "container_name"]).and_then(component));
    Some(message)
}

/// Argo CD's own words for the components that talk to clusters, in a pod's or a container's name.
pub(super) fn component(name: &str) -> Option<&'static str> {
    let found = [("application-controller", "controller"), ("server", "server")];
    let other = name.contains("repo-server") || name.contains("dex-server");
    found.iter().find(|(word, _)| name.contains(word) && !other).map(|(_, component)| *component)
}

fn level(word: Option<&str>, has_error: bool) -> Level {
    match word.map(str::to_ascii_lowercase).as_deref() {
        Some("error" | "err" | "fatal" | "panic" | "critical") => Level::Error,
        Some("warning" | "warn") if has_error => Level::Error,
        Some("warning" | "warn" | "info" | "debug" | "trace" | "notice") => Level::Info,
        _ if has_error => Level::Error,
        _ => Level::Unsaid,
    }
}

/// None where a logger had nothing to say.
fn message(line: &str, place: Place) -> Option<Message> {
    let fields = logfmt(line);
    if fields.contains_key("level") && fields.contains_key("msg") {
        return of_fields(&fields, place);
    }
    let (level, text) = klog(line).unwrap_or((Level::Unsaid, line));
    Some(Message::new(text.replace("\\\"", "\"").replace("\\n", "\n"), level, place))
}

/// `E1126 15:04:05.123456       1 reflector.go:147] text` (klog, `formatHeader`).
fn klog(line: &str) -> Option<(Level, &str)> {
    let (header, text) = line.split_once("] ")?;
    let level = match header.chars().next()? {
        'E' | 'F' => Level::Error,
        'W' | 'I' => Level::Info,
        _ => return None,
    };
    let day = header.get(1..5)?.bytes().all(|byte| byte.is_ascii_digit());
    (day && header.contains(".go:")).then_some((level, text))
}

/// `key=value` and `key="value"`, as logrus' TextFormatter quotes them.
fn logfmt(line: &str) -> Parts {
    let mut fields = Parts::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('=') {
        let key = before.rsplit(' ').next().unwrap_or(before);
        let (value, end) = match after.strip_prefix('"') {
            Some(quoted) => quoted_value(quoted),
            None => {
                let end = after.find(' ').unwrap_or(after.len());
                (after.get(..end).unwrap_or_default().to_owned(), end)
            }
        };
        fields.entry(key.to_owned()).or_insert(value);
        rest = after.get(end..).unwrap_or_default();
    }
    fields
}

/// A value up to its closing quote, without escapes, and how many bytes of the text it takes with both quotes.
fn quoted_value(text: &str) -> (String, usize) {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, at + 2),
            '\\' => match characters.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, 't')) => value.push('\t'),
                Some((_, other)) => value.push(other),
                None => {}
            },
            other => value.push(other),
        }
    }
    (value, text.len() + 1)
}

/// `[pod/argocd-server-5d8f/server] …`, as `kubectl logs --prefix` writes it.
fn without_pod(line: &str) -> (Option<&str>, &str) {
    let split = line.strip_prefix("[pod/").and_then(|rest| rest.split_once("] "));
    split.map_or((None, line), |(pod, rest)| (Some(pod), rest.trim_start()))
}

/// Without the time of `kubectl logs --timestamps`, and the stream of a container runtime's log file.
fn without_time(line: &str) -> &str {
    let Some((first, rest)) = line.split_once(' ') else { return line };
    let is_time = first.len() >= 20 && first.ends_with('Z') && first.get(10..11) == Some("T");
    if !is_time {
        return line;
    }
    let streams = ["stderr F ", "stdout F "];
    streams.iter().find_map(|stream| rest.strip_prefix(stream)).unwrap_or(rest).trim_start()
}

/// Without the escape sequences of terminals: `ESC [ … letter`.
fn without_colours(line: &str) -> String {
    let mut pieces = line.split("\u{1b}[");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| {
        let end = piece.find(|c: char| c.is_ascii_alphabetic()).map_or(0, |end| end + 1);
        text + piece.get(end..).unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(line: &str) -> Message {
        let mut messages = Vec::new();
        add(line, Place::file("-"), &mut messages);
        assert_eq!(messages.len(), 1, "{messages:?}");
        messages.remove(0)
    }

    #[test]
    fn the_formats_of_logs_are_read() {
        let text = only(r#"time="2026-11-02T08:12:44Z" level=error msg="a \"b\" c" application=argocd/shop"#);
        assert_eq!((text.text.as_str(), text.level), (r#"a "b" c"#, Level::Error));
        assert_eq!(text.context["application"], "argocd/shop");
        let json = only(r#"{"level":"warning","msg":"a","error":"b","dest-server":"https://x"}"#);
        assert_eq!(
            (json.text.as_str(), json.level, json.context["server"].as_str()),
            ("a: b", Level::Error, "https://x")
        );
        let klog = only("E1102 08:12:44.123456       1 reflector.go:147] a");
        assert_eq!((klog.text.as_str(), klog.level), ("a", Level::Error));
    }

    #[test]
    fn what_kubectl_and_runtimes_put_before_it_goes() {
        let line = "[pod/argocd-server-5d8f/server] 2026-11-02T08:12:44.123Z stderr F \u{1b}[31ma\u{1b}[0m";
        let message = only(line);
        assert_eq!((message.text.as_str(), message.context["component"].as_str()), ("a", "server"));
    }
}
