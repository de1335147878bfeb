import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { copyConsumers, installInto, manifestOf, pack, run } from '@mgx/publishing/consumer-folder'
import { lintTarball } from '@mgx/publishing/lint-tarball'
import { installRuntimes, runConsumers } from '@mgx/publishing/runtimes'
import { typeCheck } from '@mgx/publishing/type-check'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Packages with native code: installing the server in memory must not compile or load any of them. */
const NATIVE = /^node_modules\/(sqlite3|pg|@node-rs\/.*|better-sqlite3)$/

/** DOM, because the declarations of these packages use the platform's `fetch`. */
const LIBRARIES = ['ES2022', 'DOM', 'DOM.AsyncIterable']

/** Packs the package and uses it as a service would: installed by npm outside the repository. Throws on the first problem. */
async function checkPackage(folder: string): Promise<void> {
  const tarball = await pack(at('..'), folder)
  await lintTarball(tarball)
  const client = await pack(at('../../client'), folder)

  const plain = join(folder, 'plain')
  await installInto(plain, [tarball, client])
  await checkInstalled(plain)
  const consumers = await copyConsumers(at('consumer/'), plain, (name) => !name.includes('.test.'))
  await typeCheck(plain, consumers, LIBRARIES)
  const compiled = consumers.map((name) => name.replace(/ts$/, 'js'))
  for (const runtime of await installRuntimes()) {
    await runConsumers(runtime, plain, compiled)
    const [version] = (await run(runtime[0], ['--version'], plain)).split('\n')
    process.stdout.write(`The package runs on ${basename(runtime[0])}: ${version}\n`)
  }

  const tested = join(folder, 'tested')
  const { version } = await manifestOf('vitest', import.meta.resolve('../../../package.json'))
  await installInto(tested, [tarball, client, `vitest@${version}`])
  await writeFile(join(tested, 'package.json'), await asModule(join(tested, 'package.json')))
  await copyConsumers(at('consumer/'), tested, (name) => name.includes('.test.'))
  process.stdout.write(await run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run'], tested))
}

async function checkInstalled(folder: string): Promise<void> {
  const lock = JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8'))
  const packages = Object.entries<{ hasInstallScript?: true }>(lock.packages)
  const flaws = packages.filter(([path, { hasInstallScript }]) => hasInstallScript || NATIVE.test(path))
  if (flaws.length > 0)
    throw new Error(`Installed packages with native code or install scripts: ${flaws.map(([path]) => path).join(', ')}`)
}

async function asModule(path: string): Promise<string> {
  return JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), type: 'module' })
}

const folder = await mkdtemp(join(tmpdir(), 'mgx-testing-'))
try {
  await checkPackage(folder)
  process.stdout.write('The package installs without scripts, type-checks, and runs outside the repository.\n')
} finally {
  await rm(folder, { recursive: true, force: true })
}
