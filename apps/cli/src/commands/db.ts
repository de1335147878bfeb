import type { Command, Group } from '../command.js'

type Work = 'migrate' | 'rollback' | 'status' | 'verify'

/** Commands on the database itself, which need no server. */
export const db: Group = {
  summary: 'The database: DATABASE_URL, without it sqlite:./data/mgx_backend.db',
  commands: {
    migrate: databaseCommand('migrate', 'Run all pending migrations', 'migrate a database that a server is using'),
    rollback: databaseCommand(
      'rollback',
      'Roll back the last batch of migrations, and delete the data in its tables',
      'delete that data, even while a server is using the database',
    ),
    status: databaseCommand(
      'status',
      'Print which migrations have run and which are pending; write nothing. Exits with 1 if there is no database',
    ),
    verify: databaseCommand(
      'verify',
      'Recompute all totals and print those that do not match; write nothing. Exits with 1 if any do not match',
    ),
  },
}

/** `agreed` is what `--yes` confirms; a command without it does not accept the option. */
function databaseCommand(name: Work, summary: string, agreed?: string): Command {
  return {
    summary,
    details: () => ({ options: agreed ? [{ flags: '-y, --yes', description: agreed }] : [] }),
    shares: 'nothing',
    async run({ io, options }) {
      const { runDatabaseWork } = await import('./database-work.js')
      return runDatabaseWork(io, name, { yes: options.yes === true })
    },
  }
}
