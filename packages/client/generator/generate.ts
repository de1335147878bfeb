import { fileURLToPath } from 'node:url'
import { appRouter } from '@mgx/api'
import { differing, emit } from './emit.js'
import { readContract } from './read-contract.js'
import { writeFiles, writeHashFile } from './write-files.js'

const contract = readContract(appRouter)
const written = [
  { folder: '../src/generated/', files: writeFiles(contract) },
  // The server tells its clients which contract it has.
  { folder: '../../api/src/generated/', files: writeHashFile(contract) },
].map(({ folder, files }) => ({ folder: fileURLToPath(new URL(folder, import.meta.url)), files }))

for (const { folder, files } of written) {
  if (!process.argv.includes('--check')) {
    await emit(folder, files)
    continue
  }
  const stale = await differing(folder, files)
  if (stale.length > 0) {
    process.stderr.write(
      `Not what the router gives: ${stale.join(', ')} in ${folder}\nRun \`npm run generate\` and commit the result.\n`,
    )
    process.exitCode = 1
  }
}
