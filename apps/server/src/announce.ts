import { firstCall } from './first-call.js'

// What people are told at a start, all of it on stderr: stdout is the log's.

/** The first admin was made; its key is shown this once, null when the operator has chosen it. */
export function announceAdmin(apiKey: string | null): void {
  console.error(
    apiKey === null
      ? 'The admin was created. Its API key is the one in MGX_ADMIN_API_KEY.'
      : `The admin was created. Its API key is shown only this once:\n\n  export MGX_API_KEY=${apiKey}\n`,
  )
}

/** The database has to be migrated by somebody else. */
export function announceMissingSchema(): void {
  console.error('Not ready: the database lacks the schema of this version. Run: npm run db:migrate')
}

/** Where the server listens and what can be done there. */
export function announceAddress(url: string, version: string, database: string): void {
  console.error(`MGX Backend ${version} on ${database}: ${url}

Create a project and record what a model call cost, with the admin's API key in MGX_API_KEY:

${firstCall(url).replaceAll(/^(?=.)/gm, '  ')}

Every call, to read and to try: ${url}/docs
Lost the key? Start once with a new one of your own in MGX_ADMIN_API_KEY, 16 characters or more: it is added to the admin's.
`)
}
