import { createServer } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { listen } from '../process/listen.js'
import type { Metrics } from './metrics.js'

/** Adds `GET /metrics`. */
export function metricsRoute(http: FastifyInstance, metrics: Metrics): void {
  http.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()))
}

/** The port of the metrics. */
export type MetricsServer = {
  /** The URL to scrape. */
  readonly url: string
  /** Stops listening and closes all connections. */
  close(): Promise<void>
}

/**
 * Serves `GET /metrics`, and nothing else, on a port of its own, from the start of the process.
 * @throws StartupError that names METRICS_PORT or HOST.
 */
export async function serveMetrics(metrics: Metrics, host: string, port: number): Promise<MetricsServer> {
  const server = createServer(async ({ method, url = '' }, response) => {
    const [path] = url.split('?')
    if (path !== '/metrics') {
      response.writeHead(404).end()
    } else if (method !== 'GET') {
      response.writeHead(405, { allow: 'GET' }).end()
    } else {
      try {
        const text = await metrics.text()
        response.writeHead(200, { 'content-type': metrics.contentType, 'cache-control': 'no-store' }).end(text)
      } catch {
        response.writeHead(500).end()
      }
    }
  })
  const url = `${await listen(server, { host, port }, 'METRICS_PORT')}/metrics`
  return {
    url,
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      return closed
    },
  }
}
