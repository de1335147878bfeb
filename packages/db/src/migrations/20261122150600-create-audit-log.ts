import { createTables } from './migration.js'

export const createAuditLog = createTables(['audit_log'], ({ id, text, json, createdAt, tableSuffix }) => [
  `CREATE TABLE audit_log (
    id ${id},
    actor ${text} NOT NULL,
    action ${text} NOT NULL,
    subject ${text} NOT NULL,
    before ${json},
    after ${json},
    request_id ${text},
    created_at ${createdAt}
  ) ${tableSuffix}`,
  'CREATE INDEX audit_log_by_subject ON audit_log (subject, id)',
])
