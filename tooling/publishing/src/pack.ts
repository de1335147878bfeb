// tsx src/pack.ts <package folder> <file>: packs a package into that file, as it would be published.
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pack } from './consumer-folder.js'

const [home, file] = process.argv.slice(2)
if (!home || !file) throw new Error('name the folder of the package and the file to write')
const folder = await mkdtemp(join(tmpdir(), 'mgx-pack-'))
try {
  await copyFile(await pack(resolve(home), folder), resolve(file))
  console.log(`packed ${home} as ${resolve(file)}`)
} finally {
  await rm(folder, { recursive: true })
}
