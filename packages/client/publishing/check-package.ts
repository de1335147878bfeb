import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { copyConsumers, installInto, manifestOf, pack, run } from '@mgx/publishing/consumer-folder'
import { lintTarball } from '@mgx/publishing/lint-tarball'
import { installRuntimes, runConsumers } from '@mgx/publishing/runtimes'
import { compilers, typeCheck, typeCost } from '@mgx/publishing/type-check'
import { bundleSize } from './bundle-size.js'
import { checkUncaughtErrors } from './uncaught-errors.js'
import { writeEvery, writeExamples } from './written-consumers.js'

const home = fileURLToPath(new URL('..', import.meta.url))
const CONSUMERS = fileURLToPath(new URL('consumer/', import.meta.url))

/** Names of server-side dependencies and workspace protocols, which must not appear in the installed client. */
const OURS = /\b(zod|knex|objection)\b|@mgx\/(?!client\b)|workspace:|catalog:/i

/** The size limit in a browser: the 12 KB that the README promises, of which `clientCredentials` takes half a kilobyte. */
const MAX_BYTES = 12_000

/** Limit on the types that the client adds to an empty project. Types, because seconds depend on the machine's load. */
const MAX_TYPES = 15_000

const LANGUAGE = ['ES2022']
/** For `await using`, which the client itself does not need. */
const LANGUAGE_AND_DISPOSAL = [...LANGUAGE, 'ESNext.Disposable']
const LANGUAGE_AND_PLATFORM = ['ESNext', 'DOM', 'DOM.AsyncIterable']

/** Packs the client and uses it as a service would: installed by npm outside the repository. Throws on the first problem. */
async function checkPackage(folder: string): Promise<void> {
  const tarball = await pack(home, folder)
  await lintTarball(tarball)

  const plain = join(folder, 'plain')
  await installInto(plain, [tarball])
  await checkInstalled(plain)
  await checkSize(plain)
  const written = await copyConsumers(CONSUMERS, plain, (name) => !/^(trpc|using)\./.test(name))
  const consumers = [...written, await writeExamples(plain)]
  await typeCheck(plain, consumers, LANGUAGE)
  await typeCheck(plain, await copyConsumers(CONSUMERS, plain, isUsing), LANGUAGE_AND_DISPOSAL)
  const compiled = consumers.map((name) => name.replace(/ts$/, 'js'))
  for (const runtime of await installRuntimes()) {
    await runConsumers(runtime, plain, compiled)
    await checkUncaughtErrors(runtime, plain)
    const [version] = (await run(runtime[0], ['--version'], plain)).split('\n')
    process.stdout.write(`The client runs on ${basename(runtime[0])}: ${version}\n`)
  }
  await checkTypeCost(plain, consumers)

  for (const version of [await lowestTrpc(plain), (await manifestOf('@trpc/server', import.meta.url)).version])
    await checkTrpc(join(folder, `trpc-${version}`), tarball, version)
}

const isUsing = (name: string): boolean => name.startsWith('using.')

/** Returns the lowest tRPC version in the peer dependency range of the installed package. */
async function lowestTrpc(folder: string): Promise<string> {
  const manifest = await readFile(join(folder, 'node_modules/@mgx/client/package.json'), 'utf8')
  const range: string = JSON.parse(manifest).peerDependencies['@trpc/server']
  const [, lowest] = /^\^(\d+\.\d+\.\d+)$/.exec(range) ?? []
  if (!lowest) throw new Error(`The peer dependency range ${range} must be ^ and a version`)
  return lowest
}

/** Type-checks the package together with tRPC's own client of that version. */
async function checkTrpc(folder: string, tarball: string, version: string): Promise<void> {
  const { version: typescript } = await manifestOf('typescript')
  const peers = [`@trpc/client@${version}`, `@trpc/server@${version}`, `typescript@${typescript}`]
  await installInto(folder, [tarball, ...peers])
  const consumers = await copyConsumers(CONSUMERS, folder, (name) => name.startsWith('trpc.'))
  await typeCheck(folder, [...consumers, ...(await writeEvery(folder))], LANGUAGE_AND_PLATFORM)
  process.stdout.write(`The types are compatible with tRPC ${version}.\n`)
}

async function checkInstalled(folder: string): Promise<void> {
  const modules = join(folder, 'node_modules')
  const names = (await readdir(modules)).filter((name) => !name.startsWith('.'))
  const scoped = await readdir(join(modules, '@mgx'))
  if (names.join() !== '@mgx' || scoped.join() !== 'client')
    throw new Error(`Installed in addition to the client: ${[...names, ...scoped].join(', ')}`)
  const found = await readdir(join(modules, '@mgx/client'), { recursive: true, withFileTypes: true })
  for (const file of found.filter((entry) => entry.isFile())) {
    const path = join(file.parentPath, file.name)
    const text = await readFile(path, 'utf8')
    // The sources embedded in a source map contain imports of these names, so check only the paths of the sources.
    const leak = OURS.exec(path.endsWith('.map') ? sourcesOf(text) : path.endsWith('README.md') ? proseOf(text) : text)
    if (leak) throw new Error(`${path} mentions ${leak[0]}`)
  }
}

/** Returns the README without the name of the package for tests, which it recommends. */
const proseOf = (readme: string): string => readme.replaceAll('@mgx/testing', '')

function sourcesOf(map: string): string {
  const { sources, sourcesContent } = JSON.parse(map)
  if (sources.length !== sourcesContent?.length) throw new Error('A source map does not embed its sources')
  return sources.join('\n')
}

async function checkSize(folder: string): Promise<void> {
  const takes = {
    everything: "export * from '@mgx/client'",
    'the calls': "export { createMgxClient } from '@mgx/client'",
  }
  for (const [what, code] of Object.entries(takes)) {
    const bytes = await bundleSize(folder, code)
    process.stdout.write(`A page that uses ${what} loads ${bytes} bytes, minified and gzipped.\n`)
    if (bytes > MAX_BYTES) throw new Error(`The limit is ${MAX_BYTES} bytes`)
  }
}

async function checkTypeCost(folder: string, consumers: string[]): Promise<void> {
  await writeFile(join(folder, 'empty.mts'), 'export {}\n')
  for (const compiler of compilers) {
    const empty = await typeCost(compiler, folder, ['empty.mts'], LANGUAGE)
    const full = await typeCost(compiler, folder, consumers, LANGUAGE)
    const [seconds, types] = [full.seconds - empty.seconds, full.types - empty.types]
    const { version } = await manifestOf(compiler)
    process.stdout.write(`With TypeScript ${version}, the client adds ${seconds.toFixed(2)} s and ${types} types.\n`)
    if (types > MAX_TYPES) throw new Error(`The limit is ${MAX_TYPES} types`)
  }
}

const folder = await mkdtemp(join(tmpdir(), 'mgx-client-'))
try {
  await checkPackage(folder)
  process.stdout.write('The package installs, type-checks and runs outside the repository, as ESM and CJS.\n')
} finally {
  await rm(folder, { recursive: true, force: true })
}
