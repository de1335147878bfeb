import { createTables } from './migration.js'

/** One row, which all servers of the database share: the last verification of the ledger, and who does the next one. */
export const createLedgerVerifications = createTables(
  ['ledger_verifications'],
  ({ integer, text, instant, count, tableSuffix }) => [
    `CREATE TABLE ledger_verifications (
      id ${integer} PRIMARY KEY CHECK (id = 1),
      verified_at ${instant},
      ${count('drifts')},
      claimed_by ${text},
      claimed_until ${instant}
    ) ${tableSuffix}`,
    'INSERT INTO ledger_verifications (id, drifts) VALUES (1, 0)',
  ],
)
