import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { run } from '@mgx/publishing/consumer-folder'
import type { Runtime } from '@mgx/publishing/runtimes'

/** A call that no server answers, and one that the client cannot write as JSON: an error of ours, and one from within. */
const calls = {
  unanswered: "mgx.costs.record({ projectId: 1, model: 'm', promptTokens: 1, completionTokens: 1 })",
  unwritable: "mgx.projects.create({ name: 'n', idea: 'i', metadata: { size: 1n } })",
}
const LINE_OF_CALL = 5
const program = (imported: string, call: string) => `${imported}

const mgx = createMgxClient({ url: 'http://127.0.0.1:1', apiKey: 'mgx_key_nobody', maxRetries: 0 })
async function theCaller() {
  await ${call}
}
theCaller()
`

/**
 * Lets errors of the installed client end a program. @throws Error when what is then printed is not for people to read:
 * the message with the procedure, the line of the caller, no line longer than a page is wide.
 */
export async function checkUncaughtErrors([command, ...args]: Runtime, folder: string): Promise<void> {
  const forms = {
    'uncaught.mjs': "import { createMgxClient } from '@mgx/client'",
    'uncaught.cjs': "const { createMgxClient } = require('@mgx/client')",
  }
  for (const [file, imported] of Object.entries(forms)) {
    const printed = async (call: string, ...flags: string[]) => {
      await writeFile(join(folder, file), program(imported, call))
      return run(command, [...flags, ...args, file], folder).then(
        () => 'nothing: it did not end with an error',
        (error: Error) => stripVTControlCharacters(error.message),
      )
    }
    const texts = [await printed(calls.unanswered), await printed(calls.unwritable)]
    for (const text of texts) expectReadable(text, file)
    expectText(texts[0], 'ConnectionError: costs.record: no answer from http://127.0.0.1:1/trpc/costs.record')
    if (command !== process.execPath) continue
    expectText(await printed(calls.unwritable, '--enable-source-maps'), 'src/transport/call.ts:')
  }
}

const WIDTH = 240

function expectReadable(text: string, file: string): void {
  expectText(text, `${file}:${LINE_OF_CALL}`)
  if (text.split('\n').some((line) => line.length > WIDTH)) throw new Error(`A line that nobody reads:\n${text}`)
}

function expectText(text = '', expected: string): void {
  if (!text.includes(expected)) throw new Error(`${expected} is not in what an uncaught error prints:\n${text}`)
}
