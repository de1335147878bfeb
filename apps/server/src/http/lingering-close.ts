import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

/** As long as nginx waits by default (`lingering_timeout`). */
const LINGER_MILLISECONDS = 5_000
const LINGER_BYTES = 8 * 1024 * 1024
/** Not a listener for data, because that would take the connection from Node's parser, which has to drop the body. */
const CHECK_MILLISECONDS = 5

/**
 * Closes a connection after the response to a request that was refused before all of it had arrived. Closing at once would
 * make the kernel reset the connection, and a caller that is still sending would lose the response. So what follows is read
 * and dropped until the caller has sent everything or closes, within bounds.
 */
export function closeAfterRest(socket: Socket, request: IncomingMessage): void {
  socket.end()
  request.resume()
  const [begin, bytesBefore] = [performance.now(), socket.bytesRead]
  const timer = setInterval(() => {
    const isTooMuch = socket.bytesRead - bytesBefore > LINGER_BYTES || performance.now() - begin > LINGER_MILLISECONDS
    if (request.complete || isTooMuch) socket.destroy()
  }, CHECK_MILLISECONDS)
  socket.once('close', () => clearInterval(timer))
}
