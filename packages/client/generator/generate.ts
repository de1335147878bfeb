import { fileURLToPath } from 'node:url'
import { appRouter } from '@mgx/api'
import { differing, emit } from './emit.js'
import { readContract } from './read-contract.js'
import { writeFiles } from './write-files.js'

const folder = fileURLToPath(new URL('../src/generated/', import.meta.url))
const files = writeFiles(readContract(appRouter))

if (process.argv.includes('--check')) {
  const stale = await differing(folder, files)
  if (stale.length > 0) {
    process.stderr.write(
      `Not what the router gives: ${stale.join(', ')} in ${folder}\nRun \`pnpm generate\` and commit the result.\n`,
    )
    process.exitCode = 1
  }
} else {
  await emit(folder, files)
}
