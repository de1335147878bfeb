// Keeps files from fragmenting: at most a fifth of all hand-written sources, without tests, may have 20 lines or fewer.
// (A lint rule limits each file to 300.)
import { readdirSync, readFileSync } from 'node:fs'
import { sourceFiles } from './source-files.mjs'

const FRAGMENT_LINES = 20
const MOST_FRAGMENTS = 0.2

const lengths = ['packages', 'apps', 'tooling']
  .flatMap((parent) => readdirSync(parent).flatMap((name) => sourceFiles(`${parent}/${name}`)))
  .filter((file) => !/\/generated\/|\/src\/testing\/|\.test\.tsx?$/.test(file))
  .map((file) => readFileSync(file, 'utf8').split('\n').length - 1)
const fragments = lengths.filter((length) => length <= FRAGMENT_LINES).length
const share = fragments / lengths.length
console.log(
  `${fragments} of ${lengths.length} files have at most ${FRAGMENT_LINES} lines (${(100 * share).toFixed(0)} %).`,
)
process.exitCode = share <= MOST_FRAGMENTS ? 0 : 1
