"""Answers requests in the form of docs/simulate.md, a line of JSON each, by ministack's evaluator of policies:

    python decide.py < requests.jsonl > answers.jsonl

It is what ministack's SimulateCustomPolicy and its AUTH=true decide by. The operation itself leaves out the caller, the
context, the boundary and the resource's policy that it is given, and AUTH=true makes the context of a request itself; so the
evaluator is called here. A request says all its keys. Control policies are not among what ministack knows, and of a trust
policy it says only whether it allows.
"""

import json
import sys

from ministack.core import iam_evaluator as evaluator

DECISIONS = {"Allow": "allowed", "Deny": "explicit-deny", "ImplicitDeny": "implicit-deny"}

# The keys are those that the request gives.
evaluator._resolve_condition_key = lambda key, context: context.service_context.get(key.lower())


def decide(line):
    arn, action = line["principal"]["id"], line["action"]
    context = evaluator.EvalContext(
        principal_arn=arn,
        principal_type="",
        principal_account=(arn.split(":") + [""] * 5)[4],
        action=action,
        resource_arn=line["resource"],
        region="",
        service_context={key.lower(): value for key, value in line.get("context", {}).items()},
    )
    trust = line.get("trust_policy")
    if trust:
        return "allowed" if evaluator.evaluate_trust_policy(trust, arn, context) else "denied"
    limits = [layer for layer in (policies(line, "session_policies"), boundary(line)) if layer]
    result = evaluator.evaluate(context, policies(line, "identity_policies"), *limits)
    policy, owner = line.get("resource_policy"), line.get("resource_account")
    required = policy is not None and action.lower().startswith("kms:")
    result = evaluator.combine_resource_policy(result, context, policy, owner, required, tuple(limits))
    return DECISIONS[result.decision]


def policies(line, field):
    return [evaluator.parse_policy_document(document) for document in line.get(field, [])]


def boundary(line):
    document = line.get("permissions_boundary")
    return [evaluator.parse_policy_document(document)] if document else []


def answer(text):
    try:
        return {"decision": decide(json.loads(text))}
    except Exception as error:  # noqa: BLE001: whatever it is, it is the answer
        return {"error": repr(error)}


for text in sys.stdin:
    print(json.dumps(answer(text)), flush=True)
