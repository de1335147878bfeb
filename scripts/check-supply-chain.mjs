// `check:supply-chain`: what comes with the dependencies. Compares THIRD_PARTY.md, the licenses of everything that is
// bundled into a program or installed beside it, with those that are installed (`-- --write` writes it), fails on a license that is not allowed, and asks
// the registry for known vulnerabilities.
import './install.mjs'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { bundledPackages } from '../tooling/bundle.mjs'

const LIST = 'THIRD_PARTY.md'
/** Permissive ones, which ask no more than to be named. */
const ALLOWED = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT', 'WTFPL'])

/** Packages for one platform only, such as argon2's binaries: which ones are installed depends on the machine. */
const PLATFORM = /-(linux|darwin|win32|freebsd|android|wasm32)(-|$)/

const { packageManager } = JSON.parse(readFileSync('package.json', 'utf8'))
const flaws = [...checkLicenses([...installedPackages(), ...(await packagesInBundles())]), ...checkVulnerabilities()]
for (const flaw of flaws) console.error(flaw)
process.exitCode = flaws.length === 0 ? 0 : 1

/** @typedef {{ name: string, version: string, license: string }} Package */

/** @returns {Package[]} */
function installedPackages() {
  /** @type {Record<string, { name: string, versions: string[] }[]>} */
  const installed = JSON.parse(run('-r', 'licenses', 'list', '--json', '--prod').stdout)
  return Object.entries(installed).flatMap(([license, some]) =>
    some.flatMap(({ name, versions }) => versions.map((version) => ({ name, version, license }))),
  )
}

/** @returns {Promise<Package[]>} */
async function packagesInBundles() {
  const manifests = (await bundledPackages()).map((folder) =>
    JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')),
  )
  return manifests.map(({ name, version, license }) => ({ name, version, license: license ?? 'none' }))
}

/** @param {Package[]} packages @returns {string[]} */
function checkLicenses(packages) {
  const listed = packages.filter(({ name }) => !PLATFORM.test(name))
  if (listed.length === 0) return ['No dependencies were listed.']
  const rows = new Set(listed.map(({ name, version, license }) => `| \`${name}\` | ${version} | ${license} |`))
  const text = `# Licenses of the production dependencies

Written by \`npm run check:supply-chain -- --write\`, which fails when it is stale or a license is not one of ${[...ALLOWED].join(', ')}.
Binaries for one platform have the license of the package that they belong to.

| package | version | license |
|---|---|---|
${[...rows].toSorted().join('\n')}
`
  if (process.argv.includes('--write')) writeFileSync(LIST, text)
  const isFresh = readFileSync(LIST, 'utf8') === text
  const refused = listed.filter(({ license }) => !isAllowed(license))
  console.log(`${rows.size} production dependencies, ${refused.length} with a license that is not allowed.`)
  return [
    ...refused.map(({ name, license }) => `${name}: the license ${license} is not allowed`),
    ...(isFresh ? [] : [`${LIST} is stale: npm run check:supply-chain -- --write`]),
  ]
}

/** Whether one of the alternatives of an SPDX expression is allowed; of an AND, each part must be. @param {string} spdx */
function isAllowed(spdx) {
  return spdx
    .replace(/^\((.*)\)$/, '$1')
    .split(' OR ')
    .some((alternative) => alternative.split(' AND ').every((license) => ALLOWED.has(license)))
}

/**
 * A registry that was asked lists the advisories, none or some. Without that list there was no answer: no network, or a
 * mirror that does not know the request. Only that is skipped.
 *
 * @returns {string[]}
 */
function checkVulnerabilities() {
  const { stdout, stderr } = run('audit', '--json')
  /** @type {{ advisories?: Record<string, { module_name: string, severity: string, title: string, url: string }> }} */
  let report = {}
  try {
    report = JSON.parse(stdout)
  } catch {}
  if (!report.advisories) {
    const [reason = 'no answer'] = /ERR_PNPM_\w+|E[A-Z]{5,}/.exec(stdout + stderr) ?? []
    console.log(`Vulnerabilities were not checked, because the registry gave no list of them (${reason}).`)
    return []
  }
  const security = read('SECURITY.md')
  const found = Object.values(report.advisories)
  const open = found.filter(({ url }) => !security.includes(url))
  console.log(`${found.length} known vulnerabilities, ${found.length - open.length} of them answered in SECURITY.md.`)
  return open.map(({ module_name, severity, title, url }) => `${module_name}: ${severity}: ${title}: ${url}`)
}

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** @param {string[]} args */
function run(...args) {
  const options = /** @type {const} */ ({ encoding: 'utf8', shell: process.platform === 'win32', maxBuffer: 1 << 26 })
  return spawnSync('npx', ['--yes', packageManager, ...args], options)
}
