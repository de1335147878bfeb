// Small files: the median of all hand-written sources stays under 80 lines. (That none passes 300 is a lint rule.)
import { readdirSync, readFileSync } from 'node:fs'
import { sourceFiles } from './source-files.mjs'

const limit = 80
const lengths = ['packages', 'apps', 'tooling']
  .flatMap((parent) => readdirSync(parent).flatMap((name) => sourceFiles(`${parent}/${name}`)))
  .filter((file) => !file.includes('/generated/'))
  .map((file) => readFileSync(file, 'utf8').split('\n').length - 1)
  .sort((a, b) => a - b)
const median = lengths[Math.floor(lengths.length / 2)] ?? 0
console.log(`${lengths.length} files, median ${median} lines (must be under ${limit}).`)
process.exitCode = median < limit ? 0 : 1
