import { readEvents } from '../transport/server-sent-events.js'

type Listener = (event: { data: string; lastEventId: string }) => void

/** An EventSource for Node 20, which lacks one: the part that tRPC's link uses, with headers. */
export class NodeEventSource {
  readonly CONNECTING = 0
  readonly OPEN = 1
  readonly CLOSED = 2
  readyState = 0
  readonly #listeners = new Map<string, Listener[]>()
  readonly #controller = new AbortController()
  #lastEventId = ''

  constructor(url: string, init: { headers: Record<string, string> }) {
    void this.#follow(url, init.headers)
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener])
  }

  removeEventListener(): void {}

  close(): void {
    this.readyState = 2
    this.#controller.abort()
  }

  async #follow(url: string, headers: Record<string, string>): Promise<void> {
    while (this.readyState !== 2) {
      try {
        const resumed = this.#lastEventId && { 'last-event-id': this.#lastEventId }
        const response = await fetch(url, { headers: { ...headers, ...resumed }, signal: this.#controller.signal })
        this.readyState = 1
        const reader = response.body?.getReader()
        if (!reader) return
        for await (const { event, data, id } of readEvents(reader)) {
          this.#lastEventId = id ?? this.#lastEventId
          this.#tell(event, data)
        }
      } catch {
        // Reconnect after a broken connection, as browsers do.
      }
      if (this.readyState !== 2) {
        this.readyState = 0
        this.#tell('error', '')
      }
    }
  }

  #tell(type: string, data: string): void {
    for (const listen of this.#listeners.get(type) ?? []) listen({ data, lastEventId: this.#lastEventId })
  }
}
