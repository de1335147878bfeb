// Checks the direction of dependencies between packages, and between the folders of a package (see ARCHITECTURE.md).
// Reads every package.json and every import in every source file; prints each violation and exits with 1.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { sourceFiles } from './source-files.mjs'

/**
 * What a package's own code may import; `tests` and `publishing` list what those files may import in addition.
 * `generator` lists everything that a generator may import of `@mgx/*` and zod.
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

/**
 * The folders under a package's src/, from the lowest floor to the highest. A file may import from its own folder and
 * from lower floors, directly or through files outside any folder; tests may import anything.
 *
 * @type {Record<string, string[][]>}
 */
const floors = {
  'packages/db': [
    ['dialect', 'models'],
    ['audit', 'migrations', 'prices'],
    ['stores'],
    ['ledger'],
    ['reports', 'verify', 'wasm'],
  ],
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
    ...checkFloors(folder, floors[folder] ?? []),
  ]
}

/**
 * Returns the workspace packages in a list of dependencies that are not allowed.
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
  const isTest = isTestFile(file)
  const isGenerator = file.startsWith(`${folder}/generator/`)
  const isPublishing = file.startsWith(`${folder}/publishing/`)
  const names = [...rule.code, ...((isTest && rule.tests) || []), ...((isPublishing && rule.publishing) || [])]
  /** @param {string} specifier */
  const isAllowed = (specifier) => {
    if (specifier.startsWith('.')) {
      const target = normalize(join(dirname(file), specifier))
      return target.startsWith(`${folder}/`) || ((isGenerator || isTest) && target.startsWith('tooling/'))
    }
    // Files in src/testing/ count as tests.
    if (specifier === 'vitest') return isTest
    if (!/^(@mgx\/|zod$)/.test(specifier)) return true
    if (isGenerator && !isTest && rule.generator) return rule.generator.includes(specifier)
    const [, name, entry] = /^@mgx\/([^/]+)(.*)$/.exec(specifier) ?? []
    return !name || ((names.includes(name) || folder.endsWith(`/${name}`)) && (isTest || entry !== '/testing'))
  }
  return importsOf(file).flatMap((specifier) => (isAllowed(specifier) ? [] : [`${file}: imports ${specifier}`]))
}

/**
 * @param {string} folder
 * @param {string[][]} order
 */
function checkFloors(folder, order) {
  if (order.length === 0) return []
  /** @param {string} file */
  const roomOf = (file) => /^src\/([^/]+)\//.exec(file.slice(folder.length + 1))?.[1]
  /** @param {string | undefined} room */
  const floorOf = (room) => order.findIndex((rooms) => rooms.includes(room ?? ''))
  return sourceFiles(folder)
    .filter((file) => roomOf(file) && !isTestFile(file))
    .flatMap((file) => {
      const room = roomOf(file)
      if (floorOf(room) === -1)
        return [`${file}: the folder ${room} is on no floor; add it to scripts/check-boundaries.mjs`]
      return reachedFrom(file, (reached) => roomOf(reached) === undefined)
        .filter((reached) => roomOf(reached) && roomOf(reached) !== room && floorOf(roomOf(reached)) >= floorOf(room))
        .map((reached) => `${file}: reaches up to ${reached}`)
    })
}

/**
 * Returns the files that a file imports, directly or through files for which `isPassage` is true.
 *
 * @param {string} file
 * @param {(file: string) => boolean} isPassage
 */
function reachedFrom(file, isPassage) {
  const reached = new Set([file])
  for (const each of reached) {
    if (each !== file && !isPassage(each)) continue
    for (const specifier of importsOf(each)) {
      const target = normalize(join(dirname(each), specifier)).replace(/\.js$/, '.ts')
      if (specifier.startsWith('.') && existsSync(target)) reached.add(target)
    }
  }
  return [...reached].slice(1)
}

/** @param {string} file */
function isTestFile(file) {
  return /\.test\.ts$|\/src\/testing\//.test(file)
}

/**
 * Returns the specifiers of static, dynamic and type imports, and of re-exports.
 *
 * @param {string} file
 */
function importsOf(file) {
  const pattern = /(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*['"]([^'"\n]+)['"]/g
  return [...readFileSync(file, 'utf8').matchAll(pattern)].map(([, specifier = '']) => specifier)
}
