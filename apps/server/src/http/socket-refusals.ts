import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { errorEnvelope, responseHeaders } from '@mgx/api'
import { type Reason, reasons } from '@mgx/contract'

const LINGER_MILLISECONDS = 1_000

const messages: Record<string, [Reason, string]> = {
  HPE_HEADER_OVERFLOW: ['payload_too_large', 'URL and headers must be at most 16 KiB'],
  ERR_HTTP_REQUEST_TIMEOUT: ['invalid_input', 'the request took too long to arrive'],
}

/** Responds on a socket from which Node's HTTP parser could not read a request. */
export function refuseUnreadable({ code = '' }: Error & { code?: string }, socket: Socket): void {
  if (code === 'ECONNRESET') socket.destroy()
  else refuseOnSocket(socket, ...(messages[code] ?? ['invalid_input', 'this is not well-formed HTTP']))
}

/** Refuses a request that has not arrived completely, and closes its connection. */
export function refuseOnSocket(socket: Socket, reason: Reason, message: string): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const requestId = randomUUID()
  const body = JSON.stringify(errorEnvelope(reason, message, { requestId }))
  const { httpStatus } = reasons[reason]
  const head = [
    `HTTP/1.1 ${httpStatus} ${reason}`,
    ...Object.entries(responseHeaders(httpStatus)).map(([name, value]) => `${name}: ${value}`),
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
  // The caller gets time to read the response, but cannot keep the connection open by sending more.
  setTimeout(() => socket.destroy(), LINGER_MILLISECONDS).unref()
}
