import type { Io } from '../io.js'

const CODES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39], cyan: [36, 39] } as const

export type Style = keyof typeof CODES
export type Paint = (text: string, style: Style) => string

/** Returns how to colour what a terminal shows; unchanged without a terminal, and where NO_COLOR is set. */
export function paintFor({ stdout, env }: Io): Paint {
  if (!stdout.isTTY || env.NO_COLOR || env.TERM === 'dumb') return (text) => text
  return (text, style) => {
    const [on, off] = CODES[style]
    return `\u001b[${on}m${text}\u001b[${off}m`
  }
}
