import type { Io } from '../io.js'

/** Milliseconds between two looks at a line that changes. */
const PAUSE = 100

/** Tells a person at a terminal how many rows there are so far, on stderr; elsewhere nothing. */
export function progressOn(io: Io, total: number | undefined): { count(): void; end(): void } {
  let rows = 0
  let shownAt = Number.NEGATIVE_INFINITY
  const number = (value: number) => value.toLocaleString('en-US')
  const line = () => `${number(rows)}${total === undefined ? '' : ` of ${number(total)}`} records`
  if (!io.stderr.isTTY) return { count() {}, end() {} }
  return {
    count() {
      rows += 1
      if (io.now() - shownAt < PAUSE) return
      shownAt = io.now()
      void io.stderr.write(`\r\u001b[K${line()}`)
    },
    end: () => void io.stderr.write(`\r\u001b[K${line()}\n`),
  }
}
