// Decides the input of `cargo xtask bench policies` with @cloud-copilot/iam-simulate, and prints the same report as our engine.
//
//     node measure.mjs NODE_MODULES ROLES.jsonl REQUESTS.jsonl
//
// Its public entry reads and checks all policies for each request; the engine below it takes policies that are loaded once.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [modules, rolesFile, requestsFile] = process.argv.slice(2)
const from = (path) => import(pathToFileURL(join(modules, '@cloud-copilot', path)))
const engine = (path) => from(join('iam-simulate/dist/esm', path))
const { loadPolicy } = await from('iam-policy/dist/esm/index.js')
const { authorize } = await engine('core_engine/CoreSimulatorEngine.js')
const { AwsRequestImpl } = await engine('request/request.js')
const { RequestContextImpl } = await engine('requestContext.js')

const lines = (file) => readFileSync(file, 'utf8').split('\n').filter(Boolean)
const letters = { Allowed: 'A', ExplicitlyDenied: 'D', ImplicitlyDenied: 'I' }

const start = performance.now()
const roles = lines(rolesFile).map((line) => {
  const { trust, inline } = JSON.parse(line)
  return {
    trust: loadPolicy(trust, { name: 'trust policy' }),
    inline: loadPolicy(inline, { name: 'inline policy' })
  }
})
const loadSeconds = (performance.now() - start) / 1000

const questions = lines(requestsFile).map((line) => {
  const { principal, action, resource, resource_account, context, identity, trust } = JSON.parse(line)
  return {
    request: new AwsRequestImpl(
      principal.id,
      { resource, accountId: resource_account },
      action,
      new RequestContextImpl(context),
      resource === '*'
    ),
    identityPolicies: identity === undefined ? [] : [roles[identity].inline],
    resourcePolicy: trust === undefined ? undefined : roles[trust].trust,
    sessionPolicy: undefined,
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    permissionBoundaries: undefined,
    vpcEndpointPolicies: undefined,
    simulationParameters: { simulationMode: 'Strict', discoveryContextKeyConstraints: undefined }
  }
})

const decide = (question) => letters[authorize(question).result] ?? '?'
let [decisions, seconds] = ['', Infinity]
// Twice: the first round warms the compiler up.
for (let round = 0; round < 2; round++) {
  const start = performance.now()
  decisions = questions.map(decide).join('')
  seconds = Math.min(seconds, (performance.now() - start) / 1000)
}
console.log(JSON.stringify({ loadSeconds, perSecond: questions.length / seconds, decisions }))
