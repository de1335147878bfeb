import { connect, type Socket } from 'node:net'

export type Reply = { status: number; body: string }

/** A keep-alive HTTP connection that carries one call at a time. */
export type Connection = {
  /** Posts JSON to a procedure. @throws Error when the connection breaks. */
  post(procedure: string, json: string): Promise<Reply>
  close(): void
}

/** Opens a connection of a client too small to distort measurements: it only reads responses with a Content-Length. */
export function openConnection(url: string, apiKey: string): Connection {
  const { hostname, port, host } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  const headers = `Host: ${host}\r\nAuthorization: Bearer ${apiKey}\r\nContent-Type: application/json\r\n`
  let waiting: { resolve(reply: Reply): void; reject(error: Error): void } | undefined

  onReplies(
    socket,
    (reply) => {
      const { resolve } = waiting ?? {}
      waiting = undefined
      resolve?.(reply)
    },
    (error) => waiting?.reject(error),
  )
  return {
    post(procedure, json) {
      return new Promise((resolve, reject) => {
        if (socket.destroyed) throw new Error('the server closed the connection')
        waiting = { resolve, reject }
        const length = Buffer.byteLength(json)
        socket.write(`POST /trpc/${procedure} HTTP/1.1\r\n${headers}Content-Length: ${length}\r\n\r\n${json}`)
      })
    },
    close: () => socket.destroy(),
  }
}

function onReplies(socket: Socket, onReply: (reply: Reply) => void, onError: (error: Error) => void): void {
  let received = Buffer.alloc(0)
  let total: number | undefined
  socket.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
    total ??= lengthOf(received)
    if (total === undefined || received.length < total) return
    const text = received.toString('utf8', 0, total)
    received = received.subarray(total)
    total = undefined
    onReply({ status: Number(text.slice(9, 12)), body: text.slice(text.indexOf('\r\n\r\n') + 4) })
  })
  socket.on('error', onError)
  socket.on('close', () => onError(new Error('the server closed the connection')))
}

/** Returns the length of the response at the start of these bytes; undefined until its head is complete. */
function lengthOf(received: Buffer): number | undefined {
  const end = received.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const length = /\r\ncontent-length: (\d+)/i.exec(received.toString('latin1', 0, end))?.[1]
  if (length === undefined) throw new Error('the response has no Content-Length')
  return end + 4 + Number(length)
}
