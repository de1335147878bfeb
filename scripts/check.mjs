// `npm run check`: runs every `check:*` script of package.json, even after a failure; exits with 1 if any failed.
import './install.mjs'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
const checks = Object.keys(scripts).filter((name) => name.startsWith('check:'))
const failed = checks.filter((check) => {
  console.log(`== ${check}`)
  const options = /** @type {const} */ ({ stdio: 'inherit', shell: process.platform === 'win32' })
  return spawnSync('npm', ['run', check], options).status !== 0
})
console.log(failed.length === 0 ? `All ${checks.length} checks passed.` : `Failed: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
