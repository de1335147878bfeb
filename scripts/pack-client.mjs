// `npm run pack:client [-- <file>]`: writes @mgx/client as the package file that the example installs.
import './prepare.mjs'
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'

const file = resolve(process.argv[2] ?? 'examples/software-company/mgx-client.tgz')
const { status } = spawnSync(process.execPath, ['--import', 'tsx', 'publishing/pack.ts', file], {
  cwd: 'packages/client',
  stdio: 'inherit',
})
process.exit(status ?? 1)
