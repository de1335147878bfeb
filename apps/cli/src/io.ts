/** Where a command prints. */
export type Output = {
  readonly isTTY: boolean
  /** Resolves when the reader can take more, so that long results stay out of memory. */
  write(text: string): Promise<void>
}

/** All that a command knows of the process around it, so that tests can run commands without one. */
export type Io = {
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
  /** Reads stdin to its end. */
  readInput(): Promise<string>
  /** Asks a person for a line, without showing it when it is secret; undefined where nobody can answer. */
  readonly ask: ((question: string, options: { secret: boolean }) => Promise<string>) | undefined
  /** The width and height of the terminal; undefined when stdout is none. */
  size(): { columns: number; rows: number } | undefined
  /** Calls back when the person interrupts the command, which then ends by itself. Returns how to stop listening. */
  onInterrupt(listener: () => void): () => void
  /** Milliseconds since 1970. */
  now(): number
}

/** Prints words for people: they go to stderr, because stdout is for data. */
export const say = (io: Io, line: string): Promise<void> => io.stderr.write(`${line}\n`)
