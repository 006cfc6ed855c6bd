//! Inputs of all kinds: what is read out of them.

use oarlock_checks::diagnosis::{Diagnoses, messages};

const FORBIDDEN: &str =
    r#"pods is forbidden: User "argo" cannot list resource "pods" in API group "" in the namespace "web""#;

fn of(text: &str) -> Diagnoses {
    Diagnoses::of(&messages("-", text))
}

/// Signatures with how often they are there.
fn ids(text: &str) -> Vec<(&'static str, usize)> {
    of(text).errors.iter().map(|error| (error.signature.id, error.count)).collect()
}

fn application(message: &str) -> serde_json::Value {
    serde_json::json!({
        "apiVersion": "argoproj.io/v1alpha1", "kind": "Application",
        "metadata": {"name": "shop", "namespace": "argocd"},
        "spec": {"project": "web", "destination": {"name": "prod", "namespace": "web"}},
        "status": {
            "conditions": [{"type": "ComparisonError", "message": "the server has asked for the client to provide credentials"}],
            "operationState": {"phase": "Failed", "message": "one or more objects failed to apply", "syncResult": {"resources": [
                {"kind": "Pod", "status": "SyncFailed", "message": message},
                {"kind": "Service", "status": "Synced", "message": "service/front configured"},
            ]}},
        },
    })
}

#[test]
fn applications_say_it_in_conditions_and_in_each_resource() {
    let one = application(FORBIDDEN);
    let without_kind = {
        let mut own = one.clone();
        own.as_object_mut().unwrap().remove("kind");
        own.as_object_mut().unwrap().remove("apiVersion");
        own
    };
    let list = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": [one.clone(), one.clone()]});
    let expected = [("credentials-asked-for", 1), ("rbac-forbidden", 1)];
    for text in [one.to_string(), serde_json::to_string_pretty(&one).unwrap(), without_kind.to_string()] {
        assert_eq!(ids(&text), expected, "{text}");
    }
    assert_eq!(ids(&list.to_string()), [("credentials-asked-for", 2), ("rbac-forbidden", 2)]);
    let yaml = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: shop\nspec:\n  destination: {name: prod}\nstatus:\n  conditions:\n  - type: ComparisonError\n    message: the server has asked for the client to provide credentials\n";
    let diagnoses = of(yaml);
    assert_eq!(diagnoses.errors[0].part("cluster"), Some("prod"));
    assert!(diagnoses.errors[0].applications.contains("shop"));
    assert!(diagnoses.unrecognised.is_empty());
}

#[test]
fn events_of_cloudtrail_are_read_however_they_come() {
    let event = serde_json::json!({
        "eventSource": "sts.amazonaws.com", "eventName": "AssumeRole", "errorCode": "AccessDenied",
        "errorMessage": "User: arn:aws:sts::111122223333:assumed-role/hub/s is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::444455556666:role/spoke",
        "userIdentity": {"arn": "arn:aws:sts::111122223333:assumed-role/hub/s"},
        "requestParameters": {"roleArn": "arn:aws:iam::444455556666:role/spoke"},
    });
    let file = serde_json::json!({"Records": [event, {"eventSource": "sts.amazonaws.com", "eventName": "GetCallerIdentity"}]});
    let looked_up = serde_json::json!({"Events": [{"EventId": "1", "CloudTrailEvent": event.to_string()}]});
    for text in [event.to_string(), file.to_string(), serde_json::to_string_pretty(&looked_up).unwrap()] {
        assert_eq!(ids(&text), [("assume-role-denied", 1)], "{text}");
    }
}

#[test]
fn audit_events_say_what_the_api_server_said_or_what_was_asked() {
    let event = serde_json::json!({
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "verb": "list",
        "user": {"username": "argo", "extra": {"canonicalArn": ["arn:aws:iam::444455556666:role/spoke"]}},
        "objectRef": {"resource": "pods", "namespace": "web", "apiVersion": "v1"},
        "responseStatus": {"code": 403, "message": FORBIDDEN},
    });
    let mut bare = event.clone();
    bare["responseStatus"] = serde_json::json!({"code": 403});
    let list =
        serde_json::json!({"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "items": [event, bare]});
    let diagnoses = of(&list.to_string());
    assert_eq!(diagnoses.errors.len(), 1, "{diagnoses:?}");
    assert_eq!(
        (diagnoses.errors[0].count, diagnoses.errors[0].part("caller-arn")),
        (2, Some("arn:aws:iam::444455556666:role/spoke"))
    );
    assert_eq!(ids(&format!("{event}\n{bare}\n")), [("rbac-forbidden", 2)]);
}

#[test]
fn repeated_errors_are_one_and_sessions_are_no_difference() {
    let line = |session: u32| {
        format!(
            "pods is forbidden: User \"arn:aws:sts::444455556666:assumed-role/spoke/{session}\" cannot list resource \"pods\" in API group \"\" in the namespace \"web\"\n"
        )
    };
    let diagnoses = of(&format!("{}{}{}", line(2), line(1), line(3)));
    assert_eq!((diagnoses.errors.len(), diagnoses.errors[0].count), (1, 3));
    assert_eq!(diagnoses.errors[0].places.iter().map(|place| place.line).collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn a_mess_of_all_kinds_is_read_piece_by_piece() {
    let application = serde_json::to_string_pretty(&application(FORBIDDEN)).unwrap();
    let text = format!(
        "$ kubectl logs deploy/argocd-server\ntime=\"x\" level=info msg=ok\n{application}\n{{broken\nE1102 08:12:44.123456       1 x.go:1] {FORBIDDEN}\nUnauthorized\nboom: something failed\n"
    );
    assert_eq!(
        ids(&text),
        [("credentials-asked-for", 1), ("rbac-forbidden", 1), ("rbac-forbidden", 1), ("unauthorized", 1)]
    );
    let unrecognised = of(&text).unrecognised;
    assert_eq!(unrecognised.len(), 1, "{unrecognised:?}");
    assert_eq!(unrecognised[0].text, "boom: something failed");
}

#[test]
fn an_exit_code_is_unmasked_by_the_plugin_s_own_line() {
    let text = "getting credentials: exec: executable argocd-k8s-auth failed with exit code 20\ntime=\"x\" level=fatal msg=\"timeout while trying to get signed aws request: last error: no EC2 IMDS role found\"\n";
    let errors = of(text).errors;
    let behind: Vec<_> = errors
        .iter()
        .map(|error| (error.signature.id, error.behind.iter().copied().collect::<Vec<_>>()))
        .collect();
    assert_eq!(behind, [("exec-exit-20", vec!["no-imds-role"]), ("no-imds-role", vec![])]);
}

#[test]
fn a_message_with_several_errors_has_several_diagnoses() {
    let refused = |verb: &str, name: &str| {
        format!(
            "deployments.apps \"{name}\" is forbidden: User \"argo\" cannot {verb} resource \"deployments\" in API group \"apps\" in the namespace \"web\""
        )
    };
    let text = format!(
        "one or more objects failed to apply, reason: {},{},resource :Namespace is not permitted in project web",
        refused("patch", "a"),
        refused("get", "b")
    );
    let diagnoses = of(&text);
    let found: Vec<_> = diagnoses
        .errors
        .iter()
        .map(|error| (error.signature.id, error.part("name").unwrap_or_default()))
        .collect();
    assert_eq!(found.len(), 3, "{found:?}");
    for one in [("rbac-forbidden", "a"), ("rbac-forbidden", "b"), ("project-kind", "")] {
        assert!(found.contains(&one), "{found:?}");
    }
}

#[test]
fn numbers_don_t_make_another_unknown_error() {
    let unrecognised =
        of("it failed after 12 s, request 4711\nit failed after 3 s, request 99\nit failed\n").unrecognised;
    let counts: Vec<_> = unrecognised.iter().map(|own| (own.text.as_str(), own.count)).collect();
    assert_eq!(counts, [("it failed", 1), ("it failed after 12 s, request 4711", 2)]);
}
