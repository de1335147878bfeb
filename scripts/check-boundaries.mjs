// The one way packages may depend on each other (ARCHITECTURE.md draws it). Looks at what each package.json declares
// and at every import in every source file; prints each violation and ends with 1.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { sourceFiles } from './source-files.mjs'

/**
 * What a package's own code may import; `tests` and `publishing` name what those files may import besides. `generator` is
 * all that the generator may import of ours and of zod.
 *
 * @typedef {{ code: string[], tests?: string[], generator?: string[], publishing?: string[] }} Rule
 * @type {Record<string, Rule>}
 */
const allowed = {
  'packages/contract': { code: [] },
  'packages/db': { code: ['contract'] },
  'packages/api': { code: ['contract', 'db'] },
  'packages/client': {
    code: ['contract'],
    generator: ['@mgx/contract/contract-document', '@mgx/api/contract.json'],
    tests: ['api', 'db', 'server', 'testing'],
    publishing: ['publishing'],
  },
  'packages/testing': { code: ['contract', 'db', 'api'], publishing: ['publishing'] },
  'apps/server': { code: ['contract', 'db', 'api'] },
  'apps/cli': { code: ['contract', 'client', 'db'], tests: ['server'] },
  'tooling/publishing': { code: [] },
}

const violations = ['packages', 'apps', 'tooling']
  .flatMap((parent) => readdirSync(parent).map((name) => `${parent}/${name}`))
  .filter((folder) => existsSync(`${folder}/package.json`))
  .flatMap(checkPackage)
for (const violation of violations) console.error(violation)
console.log(violations.length === 0 ? 'Boundaries hold.' : `${violations.length} boundary violations.`)
process.exitCode = violations.length === 0 ? 0 : 1

/** @param {string} folder */
function checkPackage(folder) {
  const rule = allowed[folder]
  if (!rule) return [`${folder}: no rule says what it may import; add one to scripts/check-boundaries.mjs`]
  const anywhere = [...rule.code, ...(rule.tests ?? []), ...(rule.publishing ?? [])]
  const manifest = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'))
  return [
    ...declared(manifest.dependencies, rule.code).map((name) => `${folder}/package.json: dependencies on ${name}`),
    ...declared(manifest.devDependencies, anywhere).map((name) => `${folder}/package.json: devDependencies on ${name}`),
    ...sourceFiles(folder).flatMap((file) => checkFile(folder, file, rule)),
  ]
}

/**
 * The workspace packages in a list of dependencies that are not among the allowed ones.
 *
 * @param {Record<string, string> | undefined} dependencies
 * @param {string[]} allowedNames
 */
function declared(dependencies, allowedNames) {
  return Object.keys(dependencies ?? {}).filter(
    (name) => name.startsWith('@mgx/') && !allowedNames.includes(name.slice(5)),
  )
}

/**
 * @param {string} folder
 * @param {string} file
 * @param {Rule} rule
 */
function checkFile(folder, file, rule) {
  const isTest = /\.test\.ts$|\/testing(\/|\.ts$)/.test(file)
  const isGenerator = file.startsWith(`${folder}/generator/`)
  const isPublishing = file.startsWith(`${folder}/publishing/`)
  const names = [...rule.code, ...((isTest && rule.tests) || []), ...((isPublishing && rule.publishing) || [])]
  /** @param {string} specifier */
  const isAllowed = (specifier) => {
    if (specifier.startsWith('.')) {
      const target = normalize(join(dirname(file), specifier))
      return target.startsWith(`${folder}/`) || ((isGenerator || isTest) && target.startsWith('tooling/'))
    }
    if (!/^(@mgx\/|zod$)/.test(specifier)) return true
    if (isGenerator && !isTest && rule.generator) return rule.generator.includes(specifier)
    const [, name, entry] = /^@mgx\/([^/]+)(.*)$/.exec(specifier) ?? []
    return !name || ((names.includes(name) || folder.endsWith(`/${name}`)) && (isTest || entry !== '/testing'))
  }
  return importsOf(file).flatMap((specifier) => (isAllowed(specifier) ? [] : [`${file}: imports ${specifier}`]))
}

/**
 * Static, dynamic and type imports, and re-exports.
 *
 * @param {string} file
 */
function importsOf(file) {
  const pattern = /(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*['"]([^'"\n]+)['"]/g
  return [...readFileSync(file, 'utf8').matchAll(pattern)].map(([, specifier = '']) => specifier)
}
