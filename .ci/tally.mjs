// node .ci/tally.mjs <vitest's JSON report> <vitest's exit code>: prints "<passed> <failed>".
// A skipped test is a failed one; so is a file that did not load, a run that broke off, and a run without tests.
// What failed goes to the standard error.
import { readFileSync } from 'node:fs'

const [report = '', exitCode] = process.argv.slice(2)
let passed = 0
let failed = 0
try {
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'))
  for (const { name, status, message, assertionResults } of testResults) {
    for (const test of assertionResults) {
      if (test.status === 'passed') {
        passed += 1
        continue
      }
      failed += 1
      console.error(`${test.status}: ${name} > ${test.fullName}\n${test.failureMessages?.join('\n') ?? ''}`)
    }
    if (status === 'failed' && assertionResults.length === 0) {
      failed += 1
      console.error(`failed: ${name}\n${message}`)
    }
  }
} catch (error) {
  console.error(`No report from vitest: ${error}`)
}
if (failed === 0 && (passed === 0 || exitCode !== '0')) failed = 1
console.log(`${passed} ${failed}`)
