import type { Io } from '../io.js'

/** A whole terminal that one command draws on. */
export type Screen = {
  /** Shows these lines instead of the ones before; what does not fit in height is cut. */
  draw(lines: readonly string[]): Promise<void>
  /** Gives the terminal back as it was. */
  close(): Promise<void>
}

const ENTER = '\u001b[?1049h\u001b[?25l'
const LEAVE = '\u001b[?25h\u001b[?1049l'
/** Terminals that know this show a frame only when it is complete; all others ignore it. */
const [BEGIN, END] = ['\u001b[?2026h', '\u001b[?2026l']

/** Takes over the terminal. Lines are written over the old ones, never cleared first, so that nothing flickers. */
export async function openScreen(io: Io): Promise<Screen> {
  let shown = ''
  await io.stdout.write(ENTER)
  return {
    async draw(lines) {
      const { rows } = io.size() ?? { rows: lines.length }
      const frame = lines
        .slice(0, rows)
        .map((line) => `${line}\u001b[K`)
        .join('\r\n')
      if (frame === shown) return
      shown = frame
      await io.stdout.write(`${BEGIN}\u001b[H${frame}\u001b[J${END}`)
    },
    close: () => io.stdout.write(LEAVE),
  }
}
