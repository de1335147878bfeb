import type { ServerResponse } from 'node:http'

/** Three pings: a reader that is there has taken one of them. */
const STALLED_MILLISECONDS = 45_000

/**
 * Cuts the connection of a stream once its reader has taken nothing for that long, though there was something to take: it
 * counts among the streams that its API key may have open. One that is slow is left alone.
 */
export function cutWhenStalled(response: ServerResponse, milliseconds = STALLED_MILLISECONDS): void {
  response.setTimeout(milliseconds, () => response.destroy())
}
