import type { AdminAccess } from '@mgx/api'

// Messages for people during a start. They go to stderr, because stdout has only log lines.

/** Prints what the start did to give an admin a usable API key. A new key is shown only once. */
export function announceAdmin({ ended, made, apiKey }: AdminAccess): void {
  if (ended)
    console.error(
      `MGX_ADMIN_API_KEY: this key is ${ended} and stays ${ended}. Unset the variable, or choose another key.`,
    )
  if (made === undefined) return
  const what =
    made === 'admin' ? 'The admin was created.' : 'No admin had a usable API key, so the admin has a new one.'
  console.error(
    apiKey === null
      ? `${what} Its API key is the one in MGX_ADMIN_API_KEY.`
      : `${what} Its API key is shown only once:\n\n  export MGX_API_KEY=${apiKey}\n`,
  )
}

/** Prints how to migrate the database, which this server is configured not to do. */
export function announceMissingSchema(): void {
  console.error('Not ready: the database lacks the schema of this version. Run: npm run db:migrate')
}

/** Prints the address of the server and how to make a first call. */
export function announceAddress(url: string, version: string, database: string): void {
  console.error(`MGX Backend ${version} on ${database}: ${url}

Create a project and record what a model call cost, with the admin's API key in MGX_API_KEY:

${firstCall(url).replaceAll(/^(?=.)/gm, '  ')}

Every call, to read and to try: ${url}/docs
Lost the key? Start once with a new one of your own in MGX_ADMIN_API_KEY, 16 characters or more: it is added to the admin's keys.
`)
}

/** Returns shell commands that create a project and record the cost of a model call; they need MGX_API_KEY. */
export function firstCall(url: string): string {
  return `PROJECT=$(curl -s ${url}/api/projects \\
  -H "Authorization: Bearer $MGX_API_KEY" -H 'Content-Type: application/json' \\
  -d '{ "name": "Snake", "idea": "Write a snake game", "investment": "3" }' \\
  | node -pe 'JSON.parse(fs.readFileSync(0)).id')

curl -s ${url}/api/projects/$PROJECT/costs \\
  -H "Authorization: Bearer $MGX_API_KEY" -H 'Content-Type: application/json' \\
  -d '{ "model": "gpt-4-turbo", "promptTokens": 1000, "completionTokens": 500, "actionType": "WritePRD" }'`
}
