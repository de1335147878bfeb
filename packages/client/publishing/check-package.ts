import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { installInto, pack, runWithNode, typeCheck, versionOf } from './consumer-folder.js'

/** Names of what must stay on our side: a service that installs the client gets none of it. */
const OURS = /\b(zod|knex|objection)\b|@mgx\/(?!client\b)|workspace:|catalog:/i

/** What a browser loads of it, at most. */
const MAX_GZIPPED_BYTES = 15_000

/** Packs the client and uses it as a service would: installed by npm, outside the repository. Throws at the first flaw. */
async function checkPackage(folder: string): Promise<void> {
  const tarball = await pack(folder)
  await lint(tarball)

  const plain = join(folder, 'plain')
  await installInto(plain, [tarball])
  await checkInstalled(plain)
  await checkSize(plain)
  await installInto(plain, [`typescript@${await versionOf('typescript')}`])
  await typeCheck(plain, ['esm.mts', 'cjs.cts'], ['ES2022'])
  await runWithNode(plain, ['esm.mjs', 'cjs.cjs'])

  const trpc = join(folder, 'trpc')
  const versions = ['@trpc/client', '@trpc/server', 'typescript'].map(
    async (name) => `${name}@${await versionOf(name)}`,
  )
  await installInto(trpc, [tarball, ...(await Promise.all(versions))])
  await typeCheck(trpc, ['trpc.mts', 'trpc.cts'], ['ESNext', 'DOM', 'DOM.AsyncIterable'])
}

async function lint(tarball: string): Promise<void> {
  const file = await readFile(tarball)
  const { messages, pkg } = await publint({
    pack: { tarball: file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer },
    strict: true,
  })
  if (messages.length > 0)
    throw new Error(`publint:\n${messages.map((message) => formatMessage(message, pkg)).join('\n')}`)
}

async function checkInstalled(folder: string): Promise<void> {
  const modules = join(folder, 'node_modules')
  const names = (await readdir(modules)).filter((name) => !name.startsWith('.'))
  const scoped = await readdir(join(modules, '@mgx'))
  if (names.join() !== '@mgx' || scoped.join() !== 'client')
    throw new Error(`Installed besides the client: ${[...names, ...scoped].join(', ')}`)
  const found = await readdir(join(modules, '@mgx/client'), { recursive: true, withFileTypes: true })
  for (const file of found.filter((entry) => entry.isFile())) {
    const path = join(file.parentPath, file.name)
    const leak = OURS.exec(await readFile(path, 'utf8'))
    if (leak) throw new Error(`${path} mentions ${leak[0]}`)
  }
}

async function checkSize(folder: string): Promise<void> {
  for (const file of ['index.js', 'index.cjs']) {
    const bytes = gzipSync(await readFile(join(folder, 'node_modules/@mgx/client/dist', file))).length
    process.stdout.write(`${file} is ${bytes} bytes gzipped.\n`)
    if (bytes > MAX_GZIPPED_BYTES) throw new Error(`${file} is ${bytes} bytes gzipped, of ${MAX_GZIPPED_BYTES} at most`)
  }
}

const folder = await mkdtemp(join(tmpdir(), 'mgx-client-'))
try {
  await checkPackage(folder)
  process.stdout.write('The package installs, type-checks and runs outside the repository, as ESM and CJS.\n')
} finally {
  await rm(folder, { recursive: true, force: true })
}
