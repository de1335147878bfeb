// `check:documents`: our texts must be correct, and need only npm to follow. Checks that every `npm run` in a document,
// message or comment names an existing script, that no text uses pnpm or `mgx` from the public registry, that the files
// named in documents exist, that every package has a description and a license, and that every dependency is pinned in
// the catalog and has its reason in ADR 001.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const PNPM_COMMANDS = ['add', 'dlx', 'exec', 'i', 'install', 'run', '-F', '--filter', '-r', '--recursive']

const listed = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
const files = listed.stdout.split('\0').filter((file) => file !== '' && existsSync(file))
const texts = files.filter((file) => /\.(md|ts|tsx|mts|cts|js|mjs|cjs|ya?ml)$|^\.env\.example$|^\.ci\/run$/.test(file))
const manifests = files.filter((file) => file.endsWith('package.json'))
const allScripts = new Set(manifests.flatMap((file) => Object.keys(scriptsOf(file))))

const reasons = readFileSync('docs/adr/001-dependencies.md', 'utf8')

const flaws = [...texts.flatMap(checkText), ...manifests.flatMap(checkManifest)]
for (const flaw of flaws) console.error(flaw)
console.log(flaws.length === 0 ? `${texts.length} texts have no flaws.` : `${flaws.length} flaws.`)
process.exitCode = flaws.length === 0 && texts.length > 0 ? 0 : 1

/** @param {string} file */
function checkText(file) {
  if (file === 'pnpm-lock.yaml' || file.startsWith('scripts/check-documents')) return []
  const text = readFileSync(file, 'utf8')
  const scripts = new Set([...Object.keys(scriptsOf('package.json')), ...Object.keys(scriptsOf(manifestFor(file)))])
  return [
    ...matches(text, /\bnpm run\s+(?:-s\s+|--silent\s+)?([a-z][\w:-]*)/g)
      .filter((name) => !scripts.has(name))
      .map((name) => `${file}: npm run ${name}: there is no such script`),
    ...matches(text, /(?<!npm run\s+)\bpnpm\s+([\w:-]+)/g)
      .filter((name) => allScripts.has(name) || PNPM_COMMANDS.includes(name))
      .map((name) => `${file}: pnpm ${name}: use npm run`),
    ...matches(text, /\bnpx\s+(?:--yes\s+|-y\s+)?(mgx|@mgx\/[\w-]+)/g).map(
      (name) => `${file}: npx ${name} asks the public registry: use npm run mgx --`,
    ),
    ...(file.endsWith('.md') ? deadPaths(file, text) : []),
  ]
}

/** Scripts must run without pnpm, and every package needs a description and a license. @param {string} file */
function checkManifest(file) {
  const manifest = JSON.parse(readFileSync(file, 'utf8'))
  return [
    ...['description', 'license'].filter((field) => !manifest[field]).map((field) => `${file}: has no ${field}`),
    ...Object.entries(scriptsOf(file))
      .filter(([, command]) => /(?<!scripts\/)\bpnpm\b/.test(command))
      .map(([name]) => `${file}: the script ${name} calls pnpm`),
    ...(file.startsWith('examples/') ? [] : dependencyFlaws(file, manifest)),
  ]
}

/** @param {string} file @param {Record<'dependencies' | 'devDependencies', Record<string, string> | undefined>} manifest */
function dependencyFlaws(file, { dependencies, devDependencies }) {
  return Object.entries({ ...dependencies, ...devDependencies }).flatMap(([name, version]) => [
    ...(['catalog:', 'workspace:*'].includes(version) ? [] : [`${file}: ${name} is not pinned in the catalog`]),
    ...(/^@(mgx|types)\//.test(name) || reasons.includes(`\`${name}\``)
      ? []
      : [`${file}: ${name} has no line in ADR 001`]),
  ])
}

/**
 * Returns the relative links, and the files named by their path from the root, that do not exist.
 *
 * @param {string} file
 * @param {string} text
 */
function deadPaths(file, text) {
  const links = matches(text, /\]\(([^)#\s]+)[^)]*\)/g).filter((link) => !/^[a-z]+:/.test(link))
  const named = matches(
    text,
    /(?<![\w./-])((?:apps|bench|docs|examples|packages|scripts)\/[\w@./-]+\.(?:js|json|md|mjs|ts))\b/g,
  )
  return [...new Set([...links.map((link) => join(dirname(file), link)), ...named])]
    .filter((path) => !existsSync(path) && !existsSync(join(dirname(file), path)))
    .map((path) => `${file}: ${path} does not exist`)
}

/** Returns the package.json of the package that a file belongs to. @param {string} file @returns {string} */
function manifestFor(file) {
  const folder = dirname(file)
  return folder === '.' || existsSync(`${folder}/package.json`) ? join(folder, 'package.json') : manifestFor(folder)
}

/** @param {string} file @returns {Record<string, string>} */
function scriptsOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).scripts ?? {}
}

/** Returns the first group of each match. @param {string} text @param {RegExp} pattern */
function matches(text, pattern) {
  return [...text.matchAll(pattern)].map(([, found = '']) => found)
}
