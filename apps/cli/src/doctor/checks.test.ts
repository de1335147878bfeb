import { expect, test } from 'vitest'
import { hash } from '../contract/document.js'
import { clockCheck, contractCheck } from './checks.js'

test('the clocks may differ by what a response cannot tell', () => {
  const at = Date.parse('2026-11-29T12:00:00Z')
  expect(clockCheck('Sun, 29 Nov 2026 11:59:57 GMT', at)).toMatchObject({ status: 'ok' })
  expect(clockCheck('Sun, 29 Nov 2026 11:58:00 GMT', at)).toMatchObject({
    status: 'warning',
    detail: 'this computer is 120 s ahead of the server',
  })
  expect(clockCheck('Sun, 29 Nov 2026 12:01:00 GMT', at)).toMatchObject({
    detail: expect.stringContaining('60 s behind'),
  })
  expect(clockCheck(null, at)).toMatchObject({ status: 'skipped' })
})

test('another contract is a warning, because most commands still work', () => {
  expect(contractCheck(hash)).toMatchObject({ status: 'ok' })
  expect(contractCheck('0123')).toMatchObject({ status: 'warning', detail: expect.stringContaining('0123') })
})
