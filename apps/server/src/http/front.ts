import type { RequestListener } from 'node:http'
import { setImmediate as afterPolling, setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config.js'
import { type Check, healthRoutes } from '../health/health.js'
import type { Metrics } from '../metrics/metrics.js'
import { type Lifecycle, notServing } from '../process/lifecycle.js'
import { listen } from '../process/listen.js'
import { type AppParts, createApp } from './app.js'
import { dropUntrusted } from './forwarded.js'
import { homePage } from './home-page.js'
import type { Http } from './http.js'
import { HttpServer } from './http-server.js'
import { refuse } from './refusals.js'

export type Front = {
  /**
   * Starts listening and returns the URL to call. Until `serve`, the process is up but not ready, and calls are refused as
   * `unavailable`.
   * @throws StartupError that names PORT or HOST.
   */
  listen(config: Pick<Config, 'host' | 'port'>): Promise<string>
  /** Passes every request on to `http` from now on. */
  serve(http: Http): void
  /**
   * Is not ready from now on, but accepts and answers every call for that long, so that balancers can notice. Its responses ask
   * callers to close their connections. Resolves at once when it has not served yet, because no balancer knows it then.
   */
  drain(seconds: number): Promise<void>
  /**
   * Stops listening, asks callers to close their connections and the readers of streams to move on, and resolves once every
   * connection has ended.
   */
  close(): Promise<void>
}

/** Creates the HTTP server that holds the port from the start of the process, before its database is open, to the end. */
export async function createFront(
  parts: AppParts & { lifecycle: Lifecycle; version: string; metrics: Pick<Metrics, 'requested'> },
): Promise<Front> {
  const { lifecycle, version, trusts, metrics } = parts
  let serving: Http | undefined

  // A request that came before `serve` may be answered after it.
  const phase = () => (lifecycle.phase === 'serving' ? 'starting' : lifecycle.phase)
  const app = createApp(parts, (request, reply) => refuse(request, reply, 'unavailable', notServing[phase()]))
  const failedChecks = async (): Promise<Check[]> => {
    const current = phase()
    return [current === 'unmigrated' ? 'schema' : current]
  }
  homePage(app, { version, hasMetrics: false, failedChecks })
  healthRoutes(app, failedChecks)
  await app.ready()

  let answer: RequestListener = app.routing
  const server = new HttpServer((request, response) => {
    const start = performance.now()
    response.once('close', () => metrics.requested(performance.now() - start))
    dropUntrusted(request, trusts)
    answer(request, response)
  })
  return {
    listen: (config) => listen(server, config),
    serve(http) {
      serving = http
      answer = http.answer
      if (lifecycle.phase !== 'draining') lifecycle.phase = 'serving'
    },
    async drain(seconds) {
      const hasServed = lifecycle.phase === 'serving'
      lifecycle.phase = 'draining'
      if (!hasServed || seconds === 0) return
      server.askToClose()
      await sleep(seconds * 1_000)
    },
    async close() {
      // Connections that are not accepted yet will be reset; right after the event loop has polled, they are the fewest.
      await afterPolling()
      const closed = new Promise((resolve) => server.close(resolve))
      await Promise.all([closed, serving?.close()])
    },
  }
}
