// Answers requests in the form of docs/simulate.md, a line of JSON each, by the engine of @cloud-copilot/iam-simulate:
//
//   node decide.mjs NODE_MODULES < requests.jsonl > answers.jsonl
//
// A request says all its keys. Where it doesn't say whose the resource is, it is the principal's account's. The package's own
// `runSimulation` drops the keys that it doesn't know, all of an identity provider's among them; so what it calls is called
// here.

import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const from = (path) => import(pathToFileURL(join(process.argv[2], "@cloud-copilot", path)));
const { loadPolicy } = await from("iam-policy/dist/esm/index.js");
const { authorize } = await from("iam-simulate/dist/esm/core_engine/CoreSimulatorEngine.js");
const { DiscoveryContextKeyConstraints } = await from(
  "iam-simulate/dist/esm/context_keys/discoveryContextKeyConstraints.js",
);
const { AwsRequestImpl } = await from("iam-simulate/dist/esm/request/request.js");
const { RequestContextImpl } = await from("iam-simulate/dist/esm/requestContext.js");
const { isWildcardOnlyAction } = await from("iam-simulate/dist/esm/util.js");

const DECISIONS = { Allowed: "allowed", ExplicitlyDenied: "explicit-deny", ImplicitlyDenied: "implicit-deny" };
const SIMULATION = {
  simulationMode: "Strict",
  discoveryContextKeyConstraints: new DiscoveryContextKeyConstraints([]),
};

const withoutResource = new Map();

async function hasNoResource(action) {
  if (!withoutResource.has(action)) {
    const [service, name] = action.split(":");
    withoutResource.set(action, await isWildcardOnlyAction(service, name).catch(() => false));
  }
  return withoutResource.get(action);
}

const policy = (document) => (document ? loadPolicy(document, { name: "policy" }) : undefined);
const policies = (documents) => (documents ?? []).map(policy);
const levels = (all) =>
  (all ?? []).map((level, number) => ({ orgIdentifier: `level ${number}`, policies: policies(level) }));

async function decide(line) {
  const request = new AwsRequestImpl(
    line.principal.type === "Anonymous" ? { type: "Anonymous" } : line.principal.id,
    { resource: line.resource, accountId: line.resource_account ?? line.principal.id.split(":")[4] },
    line.action,
    new RequestContextImpl(line.context ?? {}),
    await hasNoResource(line.action),
  );
  const { result } = authorize({
    request,
    identityPolicies: policies(line.identity_policies),
    sessionPolicy: policies(line.session_policies)[0],
    permissionBoundaries: line.permissions_boundary ? [policy(line.permissions_boundary)] : undefined,
    resourcePolicy: policy(line.trust_policy ?? line.resource_policy),
    serviceControlPolicies: levels(line.scps),
    resourceControlPolicies: levels(line.rcps),
    vpcEndpointPolicies: line.endpoint_policies?.length ? policies(line.endpoint_policies) : undefined,
    simulationParameters: SIMULATION,
  });
  return { decision: DECISIONS[result] };
}

for await (const text of createInterface({ input: process.stdin })) {
  const answer = await decide(JSON.parse(text)).catch((error) => ({ error: String(error) }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
