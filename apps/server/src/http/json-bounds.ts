import { DomainError, MAX_JSON_DEPTH, MAX_JSON_KEYS } from '@mgx/contract'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const OPEN_LIST = 0x5b
const OPEN_OBJECT = 0x7b
const CLOSE_LIST = 0x5d
const CLOSE_OBJECT = 0x7d

/**
 * Reads JSON once, without parsing it, before anything else does: what parses, validates and stores it later takes stack
 * for every level and memory for every key. Accepts what is not JSON, which its parser refuses.
 * @throws DomainError `invalid_input` when it is nested too deeply or has too many keys.
 */
export function requireBoundedJson(text: string): void {
  let depth = 0
  let keys = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === QUOTE) index = endOfString(text, index)
    else if (code === COLON) keys += 1
    else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth -= 1
    else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      depth += 1
      if (depth > MAX_JSON_DEPTH) throw refusal(`is nested more than ${MAX_JSON_DEPTH} levels deep`)
    }
  }
  if (keys > MAX_JSON_KEYS) throw refusal(`has more than ${MAX_JSON_KEYS} keys`)
}

/** Returns the index of the quote that ends the string beginning at `start`, or that of the end of the text. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let escapes = 0
    while (text.charCodeAt(end - 1 - escapes) === BACKSLASH) escapes += 1
    if (escapes % 2 === 0) return end
  }
  return text.length
}

function refusal(problem: string): DomainError {
  return new DomainError('invalid_input', `the JSON ${problem}`)
}
