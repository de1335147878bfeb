/**
 * What decides about money and does no I/O: it needs neither a database nor Node, so that the server in memory of
 * `@mgx/client/testing` decides by the same code.
 */
export { contentText } from './content-text.js'
export { type IdOf, toBudget, toRecord } from './ledger/answer.js'
export { operationsWith } from './ledger/core/asking.js'
export {
  answerKey,
  type Books,
  type Charge,
  type Hold,
  type ProjectAccount,
  type UserAccount,
} from './ledger/core/books.js'
export { sameContent } from './ledger/core/charges.js'
export { type Decision, decide } from './ledger/core/decide.js'
export { type AskedOperation, priceOperations } from './ledger/core/pricing.js'
export { isEnd, projectContent, requireInvestment, requireTransition } from './ledger/core/projects.js'
export { type Result, recordResultOf, resultOf } from './ledger/result.js'
export { firstFreeInstant, overlaps, priceContent, replacedBy, requireOrder } from './prices/override-period.js'
export { priceByOverride, whyOfOverride } from './prices/override-price.js'
export { inScope, type Scope } from './scope.js'
