// `npm run pack:client -- <file>`, `npm run pack:testing -- <file>`: writes the package to a file that npm can install.
import './prepare.mjs'
import { spawnSync } from 'node:child_process'

const [name, file = `mgx-${name}.tgz`] = process.argv.slice(2)
const args = ['--import', 'tsx', 'tooling/publishing/src/pack.ts', `packages/${name}`, file]
process.exit(spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1)
