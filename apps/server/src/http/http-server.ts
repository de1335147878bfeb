import { type IncomingMessage, type RequestListener, Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { notServing } from '../process/lifecycle.js'
import { refuseOnSocket, refuseUnreadable } from './socket-refusals.js'

/** For a request to arrive, from its first byte to its last. */
const REQUEST_MILLISECONDS = 30_000
/** Longer than a load balancer keeps a connection that nobody uses, so that it is never the server that cuts it. */
const KEEP_ALIVE_MILLISECONDS = 72_000
/** Node looks for requests that take too long this often. Its default is as long as the time they have. */
const CHECK_MILLISECONDS = 1_000

/** While the server closes: how long a connection that nobody uses stays, for a request may be on its way. */
const IDLE_MILLISECONDS = 1_000
/** While the server closes: how long a request has to arrive, and an answer or a stream to be read. */
const STUCK_MILLISECONDS = 3_000
const CLOSING_CHECK_MILLISECONDS = 50

/** Three pings: a reader that is there has taken one of them. */
const STALLED_MILLISECONDS = 45_000

/** `answering` is what this process has to finish; what else a connection is, depends on its caller. */
type Use = 'answering' | 'stuck' | 'idle'

/**
 * Node's HTTP server with our time limits and a `close` that resets nobody. Node's own cuts every connection that is idle
 * at that moment, also those on which a request is on its way, and waits without end for callers that do not move.
 * Here, a connection ends when it has been idle for a second, or has not moved for three; a request that is being
 * answered is waited for. Whoever answers says `Connection: close` by then.
 */
export class HttpServer extends Server {
  /** The last exchange on each connection, until its end. */
  readonly #exchanges = new Map<Socket, { request: IncomingMessage; response: ServerResponse } | undefined>()
  /** How much of a connection was read when its last exchange ended: more is the beginning of another. */
  readonly #bytesRead = new WeakMap<Socket, number>()

  constructor(answer: RequestListener) {
    super(
      {
        requestTimeout: REQUEST_MILLISECONDS,
        keepAliveTimeout: KEEP_ALIVE_MILLISECONDS,
        connectionsCheckingInterval: CHECK_MILLISECONDS,
      },
      answer,
    )
    this.on('clientError', refuseUnreadable)
    this.on('connection', (socket) => {
      this.#exchanges.set(socket, undefined)
      socket.once('close', () => this.#exchanges.delete(socket))
    })
    this.on('request', (request, response) => {
      const { socket } = request
      const exchange = { request, response }
      this.#exchanges.set(socket, exchange)
      response.once('close', () => {
        if (this.#exchanges.get(socket) !== exchange) return
        this.#exchanges.set(socket, undefined)
        this.#bytesRead.set(socket, socket.bytesRead)
      })
    })
  }

  override close(done?: (error?: Error) => void): this {
    const uses = new Map<Socket, { use: Use; since: number }>()
    // Right after the event loop has read what there is, so that the smallest time is left to cut what is on its way.
    const timer = setInterval(() => setImmediate(() => this.#endUnused(uses)), CLOSING_CHECK_MILLISECONDS)
    return super.close((error) => {
      clearInterval(timer)
      done?.(error)
    })
  }

  /** Node calls this when it closes. */
  override closeIdleConnections(): void {}

  #endUnused(uses: Map<Socket, { use: Use; since: number }>): void {
    const now = performance.now()
    for (const socket of this.#exchanges.keys()) {
      const use = this.#useOf(socket)
      const known = uses.get(socket)
      const since = known?.use === use ? known.since : now
      uses.set(socket, { use, since })
      if (use === 'idle' && now - since >= IDLE_MILLISECONDS) socket.destroy()
      if (use === 'stuck' && now - since >= STUCK_MILLISECONDS) this.#cut(socket)
    }
  }

  #useOf(socket: Socket): Use {
    const exchange = this.#exchanges.get(socket)
    if (!exchange) return socket.bytesRead === (this.#bytesRead.get(socket) ?? 0) ? 'idle' : 'stuck'
    const waitsForCaller = !exchange.request.complete || exchange.response.writableEnded || socket.writableLength > 0
    return waitsForCaller ? 'stuck' : 'answering'
  }

  #cut(socket: Socket): void {
    const isAnswered = this.#exchanges.get(socket)?.response.headersSent
    this.#exchanges.delete(socket)
    if (isAnswered) socket.destroy()
    else refuseOnSocket(socket, 'unavailable', notServing.draining)
  }
}

/**
 * Cuts the connection of a stream once its reader has taken nothing for that long, though there was something to take: it
 * counts among the streams that its API key may have open. One that is slow is left alone.
 */
export function cutWhenStalled(response: ServerResponse, milliseconds = STALLED_MILLISECONDS): void {
  response.setTimeout(milliseconds, () => response.destroy())
}
