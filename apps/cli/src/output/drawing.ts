import type { Io } from '../io.js'
import { paintFor } from './style.js'
import type { Drawing } from './table.js'

/** Returns how to draw on this output: within the terminal and with relative times, or in full where there is none. */
export function drawingFor(io: Io): Drawing {
  const size = io.size()
  return { width: size?.columns, now: size && io.now(), paint: paintFor(io) }
}
