import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { emptyFolder } from './server-process.js'

/** Commands of a document that call the server, and the response that the document shows for the last one, if any. */
export type Step = { commands: string; shown: unknown }

/** The responses to the calls of a step: every status, and the bodies that no command consumed. */
export type Outcome = { statuses: number[]; bodies: unknown[] }

const GUIDE = fileURLToPath(new URL('../../../../docs/operations.md', import.meta.url))
const MGX = fileURLToPath(new URL('../../../cli/dist/main.js', import.meta.url))

/** How documents name the server. */
const OUR_SERVER = /127\.0\.0\.1:3210|\$API\b/

/** Returns the shell blocks of a document that call the server with curl, each with the JSON block right after it. */
export function stepsIn(markdown: string): Step[] {
  const blocks = markdown.matchAll(/^```sh\n(.*?)^```\n(?:\n```json\n(.*?)^```\n)?/gms)
  return [...blocks]
    .map(([, commands = '', json]) => ({ commands, shown: json && JSON.parse(json) }))
    .filter(({ commands }) => /\bcurl\b/.test(commands) && OUR_SERVER.test(commands))
}

/** Returns the blocks of a language in a section of the guide to operations, those of its subsections included. */
export function guideBlocks(heading: string, language: string): string[] {
  const level = /^#+/.exec(heading)?.[0].length ?? 0
  const [, after = ''] = readFileSync(GUIDE, 'utf8').split(`\n${heading}\n`)
  const [section = ''] = after.split(new RegExp(`^#{1,${level}} `, 'm'))
  const blocks = section.matchAll(new RegExp(`^( *)\`\`\`${language}\\n(.*?)^ *\`\`\`$`, 'gms'))
  return [...blocks].map(([, indent = '', text = '']) => text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''))
}

/** Runs commands of that guide, in which `mgx` is the built one, and returns what they print. @throws Error when one fails. */
export async function runGuide(
  commands: string,
  { cwd = emptyFolder(), env = {} as NodeJS.ProcessEnv },
): Promise<string> {
  const bin = emptyFolder()
  writeFileSync(join(bin, 'mgx'), `#!/bin/sh\nexec '${process.execPath}' '${MGX}' "$@"\n`, { mode: 0o755 })
  const options = { cwd, env: { ...env, PATH: `${bin}:${process.env.PATH}` } }
  return (await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', commands], options)).stdout
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
