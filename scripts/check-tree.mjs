// Keeps files from fragmenting: at most a fifth of all hand-written sources, without tests, may have 20 lines or fewer.
// Keeps them small too: the median is under 80 lines. (A lint rule limits each file to 300.)
import { readdirSync, readFileSync } from 'node:fs'
import { sourceFiles } from './source-files.mjs'

const FRAGMENT_LINES = 20
const MOST_FRAGMENTS = 0.2
const MEDIAN_LINES = 80

const lengths = ['packages', 'apps', 'tooling']
  .flatMap((parent) => readdirSync(parent).flatMap((name) => sourceFiles(`${parent}/${name}`)))
  .filter((file) => !/\/generated\/|\/src\/testing\/|\.test\.tsx?$/.test(file))
  .map((file) => readFileSync(file, 'utf8').split('\n').length - 1)
  .sort((a, b) => a - b)
const median = lengths[Math.floor(lengths.length / 2)] ?? 0
const fragments = lengths.filter((length) => length <= FRAGMENT_LINES).length
const share = fragments / lengths.length
console.log(
  `${fragments} of ${lengths.length} files have at most ${FRAGMENT_LINES} lines (${(100 * share).toFixed(0)} %); the median is ${median}.`,
)
process.exitCode = share <= MOST_FRAGMENTS && median < MEDIAN_LINES ? 0 : 1
