// node .ci/tally.mjs <vitest's JSON report> <vitest's exit code>: prints "<passed> <failed>".
// A skipped test is a failed one; so is a file that did not load, a run that broke off, and a run without tests.
import { readFileSync } from 'node:fs'

const [report = '', exitCode] = process.argv.slice(2)
let passed = 0
let failed = 0
try {
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'))
  for (const { status, assertionResults } of testResults) {
    const passedHere = assertionResults.filter(
      (/** @type {{ status: string }} */ test) => test.status === 'passed',
    ).length
    passed += passedHere
    failed += assertionResults.length - passedHere
    if (status === 'failed' && assertionResults.length === 0) failed += 1
  }
} catch (error) {
  console.error(`No report from vitest: ${error}`)
}
if (failed === 0 && (passed === 0 || exitCode !== '0')) failed = 1
console.log(`${passed} ${failed}`)
