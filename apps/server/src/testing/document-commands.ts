import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { emptyFolder } from './server-process.js'

/** Commands of a document that call the server, and the response that the document shows for the last one, if any. */
export type Step = { commands: string; shown: unknown }

/** The responses to the calls of a step: every status, and the bodies that no command consumed. */
export type Outcome = { statuses: number[]; bodies: unknown[] }

/** Returns the shell blocks of a document that call the server with curl, each with the JSON block right after it. */
export function stepsIn(markdown: string): Step[] {
  const blocks = markdown.matchAll(/^```sh\n(.*?)^```\n(?:\n```json\n(.*?)^```\n)?/gms)
  return [...blocks]
    .map(([, commands = '', json]) => ({ commands, shown: json && JSON.parse(json) }))
    .filter(({ commands }) => /\bcurl\b/.test(commands))
}

/**
 * Runs the steps unchanged in one shell, against a server at another port than the one they name.
 * @throws Error when a command fails.
 */
export async function runSteps(steps: Step[], url: string, apiKey: string): Promise<Outcome[]> {
  const folder = emptyFolder()
  const { host } = new URL(url)
  // Ends each response with a newline and prints its status on stderr.
  const settings = [`connect-to = "127.0.0.1:3210:${host}"`, 'write-out = "\\n%{stderr}status %{http_code}\\n"']
  writeFileSync(join(folder, '.curlrc'), settings.join('\n'))
  const script = steps.map(({ commands }) => `${commands}\necho '---'\necho '---' >&2\n`).join('')
  const env = { PATH: process.env.PATH, CURL_HOME: folder, MGX_API_KEY: apiKey }
  const { stdout, stderr } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], { cwd: folder, env })
  const printed = stdout.split('---\n')
  return stderr
    .split('---\n')
    .slice(0, steps.length)
    .map((text, index) => ({
      statuses: [...text.matchAll(/^status (\d+)$/gm)].map(([, status]) => Number(status)),
      bodies: (printed[index] ?? '')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    }))
}
