// tsx publishing/pack.ts <file>: packs the client, as it would be published, into that file.
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pack } from './consumer-folder.js'

const [file] = process.argv.slice(2)
if (!file) throw new Error('name the file to write')
const folder = await mkdtemp(join(tmpdir(), 'mgx-client-'))
try {
  await copyFile(await pack(folder), resolve(file))
  console.log(`packed @mgx/client as ${resolve(file)}`)
} finally {
  await rm(folder, { recursive: true })
}
