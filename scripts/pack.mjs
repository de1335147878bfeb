// `npm run pack:client -- <file>`, `pack:testing`, `pack:cli`: writes the package to a file that npm can install.
import './prepare.mjs'
import { spawnSync } from 'node:child_process'
import { basename } from 'node:path'

const [folder = '', file = `mgx-${basename(folder)}.tgz`] = process.argv.slice(2)
const args = ['--import', 'tsx', 'tooling/publishing/src/pack.ts', folder, file]
process.exit(spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1)
