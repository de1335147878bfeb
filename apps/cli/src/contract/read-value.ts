import { readFile } from 'node:fs/promises'
import { didYouMean } from '../did-you-mean.js'
import { usageError } from '../exit-code.js'
import type { Io } from '../io.js'
import type { InputField } from './input-fields.js'

const USD = /^-?\d+(\.\d+)?$/
const DAY = /^\d{4}-\d\d-\d\d$/
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/i

/**
 * Returns the value that the texts of an argument or option stand for; `name` is how the person gave it. Amounts stay text,
 * because a float is not exact.
 * @throws CommandError for a text that the field does not allow.
 */
export async function readValue(field: InputField, name: string, given: unknown, io: Io): Promise<unknown> {
  if (typeof given === 'boolean') return given
  const texts = Array.isArray(given) ? given.map(String) : [String(given)]
  const text = texts.at(-1) ?? ''
  if (field.nullable && text === 'null') return null
  const wrong = (must: string) => usageError(`${name} must be ${must}, not ${JSON.stringify(text)}`)
  switch (field.kind) {
    case 'list':
      return texts.flatMap((each) => each.split(',')).map((word) => known(field.choices, name, word))
    case 'integer':
    case 'number':
      return readNumber(field, text, wrong)
    case 'usd':
      if (!USD.test(text)) throw wrong('an amount of USD such as 2.50')
      return text
    case 'instant':
      if (DAY.test(text)) return `${text}T00:00:00Z`
      if (!INSTANT.test(text)) throw wrong('a time such as 2026-01-31T08:00:00Z, or a day')
      return text
    case 'json':
      return parseJson(await contentOf(text, io), name)
    default:
      return known(field.choices, name, text)
  }
}

/** Returns the JSON that a text is. @throws CommandError that says where it ends to be JSON. */
export function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw usageError(`${name} is not JSON: ${(error as Error).message}`)
  }
}

/** Returns a text itself; of `-` what is on stdin, and of `@file` what is in the file. */
export async function contentOf(text: string, io: Io): Promise<string> {
  if (text === '-') return io.readInput()
  if (!text.startsWith('@')) return text
  return readFile(text.slice(1), 'utf8').catch((error) => {
    throw usageError(`cannot read ${text.slice(1)}: ${error.code ?? error.message}`)
  })
}

function readNumber({ kind, schema }: InputField, text: string, wrong: (must: string) => Error): number {
  const value = Number(text)
  const isNumber = kind === 'integer' ? /^-?\d+$/.test(text) && Number.isSafeInteger(value) : /^-?\d/.test(text)
  if (!isNumber || Number.isNaN(value)) throw wrong(kind === 'integer' ? 'a whole number' : 'a number')
  const { minimum, maximum, exclusiveMinimum } = schema
  if (typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum) throw wrong(`more than ${exclusiveMinimum}`)
  if (minimum !== undefined && value < minimum) throw wrong(`at least ${minimum}`)
  if (maximum !== undefined && value > maximum) throw wrong(`at most ${maximum}`)
  return value
}

/** Returns the word if it is one of the choices, or there are none. @throws CommandError that names the nearest choice. */
export function known(choices: readonly string[] | undefined, name: string, word: string): string {
  if (!choices || choices.includes(word)) return word
  throw usageError(`${name} cannot be ${JSON.stringify(word)}. ${didYouMean(word, choices)}Use: ${choices.join(', ')}`)
}
