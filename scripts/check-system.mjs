// `check:system`: runs the tests that need programs which npm does not have, `*.system.test.ts`. Takes the programs from
// PATH; on Debian unpacks those that are missing into node_modules/.cache/debian, without installing or starting anything.
// Its arguments go to vitest.
import './prepare.mjs'
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { tellProgress } from './progress.mjs'

/**
 * Programs that belong together, and the Debian packages that hold them with the libraries that a minimal system lacks.
 *
 * @type {{ programs: string[], packages: string[] }[]}
 */
const sets = [
  { programs: ['prometheus', 'promtool'], packages: ['prometheus'] },
  {
    programs: ['redis-server'],
    packages: ['redis-server', 'redis-tools', 'libjemalloc2', 'liblua5.1-0', 'liblzf1', 'lua-bitop', 'lua-cjson'],
  },
  { programs: ['sqlite3'], packages: ['sqlite3', 'libsqlite3-0', 'libreadline8'] },
  {
    // Of one version, because pg_dump refuses a newer server.
    programs: ['initdb', 'postgres', 'createdb', 'pg_dump', 'pg_restore', 'pg_basebackup'],
    packages: ['postgresql-15', 'postgresql-client-15', 'libpq5', 'libicu72', 'libxml2', 'libxslt1.1', 'libldap-2.5-0'],
  },
]

const cache = resolve('node_modules/.cache/debian')
const unpacked = join(cache, 'bin')
/** Where Debian has the programs of PostgreSQL. */
const installed = foldersOf('/')
const path = [...installed, process.env.PATH, unpacked].join(delimiter)

for (const { programs, packages } of sets) if (!programs.every(isOnPath)) provide(programs, packages)

process.env.PATH = path
process.argv.splice(2, 0, 'run', '--mode', 'system')
await import(new URL('../node_modules/vitest/vitest.mjs', import.meta.url).href)

/** @param {string} program */
function isOnPath(program) {
  return path.split(delimiter).some((folder) => existsSync(join(folder, program)))
}

/**
 * Returns the folders below a root in which Debian has the programs of PostgreSQL.
 *
 * @param {string} root
 */
function foldersOf(root) {
  const versions = join(root, 'usr/lib/postgresql')
  return existsSync(versions) ? readdirSync(versions).map((version) => join(versions, version, 'bin')) : []
}

/**
 * Unpacks programs, and writes a script for each that starts it with the libraries beside it.
 *
 * @param {string[]} programs
 * @param {string[]} packages
 */
function provide(programs, packages) {
  const names = programs.join(', ')
  const done = tellProgress(`Unpacking ${names} …`)
  const root = join(cache, programs[0] ?? '')
  const fresh = `${root}.new`
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { recursive: true })
  mkdirSync(unpacked, { recursive: true })
  try {
    download(fresh, packages)
  } catch (error) {
    done()
    console.error(`check:system needs ${names}, which are not on PATH and could not be fetched from Debian's packages`)
    console.error(`(${packages.join(' ')}): ${error instanceof Error ? error.message : error}`)
    console.error(`Install ${names} with the package manager of this system, and run the check again.`)
    process.exit(1)
  }
  for (const file of readdirSync(fresh).filter((name) => name.endsWith('.deb'))) run('dpkg', ['-x', file, '.'], fresh)
  rmSync(root, { recursive: true, force: true })
  renameSync(fresh, root)
  const folder = join(root, 'usr/lib')
  const libraries = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []
  for (const program of programs) {
    const files = [join(root, 'usr/bin'), ...foldersOf(root)].map((bin) => join(bin, program))
    const start = `#!/bin/sh\nLD_LIBRARY_PATH='${libraries.join(':')}' exec '${files.find(existsSync)}' "$@"\n`
    writeFileSync(join(unpacked, program), start)
    chmodSync(join(unpacked, program), 0o755)
  }
  done()
}

/**
 * Downloads packages into a folder. The lists of a fresh image are empty or old, so it fetches them when needed.
 *
 * @param {string} folder
 * @param {string[]} packages
 */
function download(folder, packages) {
  // The user that apt downloads as may not write into this folder.
  const args = ['-o', 'APT::Sandbox::User=root', 'download', ...packages]
  try {
    run('apt-get', args, folder)
  } catch {
    run('apt-get', ['update'], folder)
    run('apt-get', args, folder)
  }
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 */
function run(command, args, cwd) {
  const { status, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (error) throw error
  if (status !== 0) throw new Error(stderr.trim() || `${command} ended with ${status}`)
}
