import { createTables } from './migration.js'

export const createPrices = createTables(['prices'], ({ id, text, instant, createdAt, amount, tableSuffix }) => [
  `CREATE TABLE prices (
    id ${id},
    model ${text} NOT NULL,
    ${amount('input_price')},
    ${amount('output_price')},
    ${amount('cached_price')},
    effective_from ${instant} NOT NULL,
    effective_to ${instant} CHECK (effective_to > effective_from),
    created_at ${createdAt},
    UNIQUE (model, effective_from)
  ) ${tableSuffix}`,
])
