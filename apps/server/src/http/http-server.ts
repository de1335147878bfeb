import { type IncomingMessage, type RequestListener, Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { notServing } from '../process/lifecycle.js'
import { closeAfterRest } from './lingering-close.js'
import { MAX_HEADERS } from './request-headers.js'
import { refuseOnSocket, refuseUnreadable } from './socket-refusals.js'

/** How long a request may take to arrive, from its first byte to its last. */
const REQUEST_MILLISECONDS = 30_000
/** Longer than load balancers keep an idle connection, so that the server is never the one that closes it. */
const KEEP_ALIVE_MILLISECONDS = 72_000
/** How often Node looks for requests that take too long. Its default of 30 seconds would let them take twice their time. */
const CHECK_MILLISECONDS = 1_000

/**
 * What the bodies that are still arriving may take together. Past it, those that have been arriving for the longest are
 * refused: a caller that stalls costs others nothing then.
 */
const ARRIVING_BYTES = 256 * 1024 * 1024
const ARRIVING_CHECK_MILLISECONDS = 250

/** While the server closes: how long an idle connection is kept, because a request may be on its way. */
const IDLE_MILLISECONDS = 1_000
/** While the server closes: how long a caller may pause while it sends a request or reads a response. */
const STUCK_MILLISECONDS = 3_000
const CLOSING_CHECK_MILLISECONDS = 50

/** Three pings: a live reader would have read at least one of them. */
const STALLED_MILLISECONDS = 45_000

type Exchange = { request: IncomingMessage; response: ServerResponse; since: number }

/** `answering` waits for this process, `stuck` for the caller; `idle` has no request. */
type Use = 'answering' | 'stuck' | 'idle'

/**
 * Node's HTTP server with our time limits and a graceful `close`. Node's own `close` cuts every idle connection at once,
 * even when a request is on its way, and waits forever for callers that neither send nor read. Here, a connection ends
 * when it has been idle for one second or stuck for three, and requests that are being processed are waited for. Responses
 * say `Connection: close` then, or earlier after `askToClose`.
 */
export class HttpServer extends Server {
  /** The current exchange on each connection; undefined between exchanges. */
  readonly #exchanges = new Map<Socket, Exchange | undefined>()
  /** Bytes read from a connection when its last exchange ended: more bytes mean that another request has begun. */
  readonly #bytesRead = new WeakMap<Socket, number>()
  /** Whether responses say `Connection: close`. */
  #asksToClose = false
  /** Until when a request is taken on a connection that still waits for a response. */
  #pipelinesUntil = Number.POSITIVE_INFINITY

  constructor(answer: RequestListener) {
    super(
      {
        headersTimeout: REQUEST_MILLISECONDS,
        requestTimeout: REQUEST_MILLISECONDS,
        keepAliveTimeout: KEEP_ALIVE_MILLISECONDS,
        connectionsCheckingInterval: CHECK_MILLISECONDS,
      },
      (request, response) => {
        if (this.#take(request, response)) answer(request, response)
      },
    )
    // One more than are accepted, so that a request with too many is recognized although the rest is dropped.
    this.maxHeadersCount = MAX_HEADERS + 1
    this.on('clientError', refuseUnreadable)
    const timer = setInterval(() => this.#refuseSlowest(), ARRIVING_CHECK_MILLISECONDS).unref()
    this.once('close', () => clearInterval(timer))
    this.on('connection', (socket) => {
      this.#exchanges.set(socket, undefined)
      socket.once('close', () => this.#exchanges.delete(socket))
      // What Node calls after the last response on a connection.
      const destroySoon = socket.destroySoon.bind(socket)
      socket.destroySoon = () => {
        const request = this.#exchanges.get(socket)?.request
        if (request?.complete === false) closeAfterRest(socket, request)
        else destroySoon()
      }
    })
  }

  /** Asks callers to close their connections: the last response on each says `Connection: close` from now on. */
  askToClose(): void {
    this.#asksToClose = true
    for (const exchange of this.#exchanges.values()) {
      if (exchange && !exchange.response.headersSent) exchange.response.shouldKeepAlive = false
    }
  }

  override close(done?: (error?: Error) => void): this {
    const uses = new Map<Socket, { use: Use; since: number }>()
    // Right after the event loop has polled, when it is least likely that a request has arrived but was not read.
    const timer = setInterval(() => setImmediate(() => this.#endUnused(uses)), CLOSING_CHECK_MILLISECONDS)
    super.close((error) => {
      clearInterval(timer)
      done?.(error)
    })
    // Only after it has stopped listening: a caller that closes its connection opens another, which must not reach this server.
    this.askToClose()
    this.#pipelinesUntil = performance.now() + IDLE_MILLISECONDS
    return this
  }

  /** Does nothing: Node's `close` calls this, and would cut idle connections at once. */
  override closeIdleConnections(): void {}

  /** Notes a request. Returns whether to answer it: not after a response that ends its connection. */
  #take(request: IncomingMessage, response: ServerResponse): boolean {
    const { socket } = request
    const before = this.#exchanges.get(socket)?.response
    if (this.#asksToClose) {
      if (socket.writableEnded || (before?.headersSent && !before.shouldKeepAlive)) return false
      if (before && performance.now() > this.#pipelinesUntil) return false
      // A caller that pipelines: the response to its last request is the one that ends the connection.
      if (before) before.shouldKeepAlive = true
      response.shouldKeepAlive = false
    }
    const exchange = { request, response, since: performance.now() }
    this.#exchanges.set(socket, exchange)
    response.once('close', () => {
      if (this.#exchanges.get(socket) !== exchange) return
      this.#exchanges.set(socket, undefined)
      this.#bytesRead.set(socket, socket.bytesRead)
    })
    return true
  }

  #refuseSlowest(): void {
    const arriving = [...this.#exchanges].flatMap(([socket, exchange]) => {
      const bytes = socket.bytesRead - (this.#bytesRead.get(socket) ?? 0)
      return exchange && !exchange.request.complete ? [{ socket, bytes, since: exchange.since }] : []
    })
    let total = arriving.reduce((sum, { bytes }) => sum + bytes, 0)
    if (total <= ARRIVING_BYTES) return
    for (const { socket, bytes } of arriving.toSorted((a, b) => a.since - b.since)) {
      if (total <= ARRIVING_BYTES) return
      total -= bytes
      this.#exchanges.delete(socket)
      refuseOnSocket(socket, 'unavailable', 'too many requests are arriving at once')
    }
  }

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
 * Cuts the connection of a stream when its reader has read nothing for that long although data was waiting, because the
 * stream counts towards the limit of its API key. A slow reader is left alone.
 */
export function cutWhenStalled(response: ServerResponse, milliseconds = STALLED_MILLISECONDS): void {
  response.setTimeout(milliseconds, () => response.destroy())
}
