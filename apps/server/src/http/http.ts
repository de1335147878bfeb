import type { RequestListener } from 'node:http'
import type { Services } from '@mgx/api'
import type { MissingDetails } from '@mgx/contract'
import type { FastifyBaseLogger } from 'fastify'
import { createReadiness, healthRoutes } from '../health/health.js'
import { metricsRoutes } from '../health/metrics.js'
import type { Lifecycle } from '../process/lifecycle.js'
import { documentationRoutes } from '../rest/documentation.js'
import { restRoutes } from '../rest/routes.js'
import { plainCallHandler } from '../trpc/plain-calls.js'
import { trpcRoutes } from '../trpc/routes.js'
import { createApp } from './app.js'
import { homePage } from './home-page.js'
import { refuse } from './refusals.js'

export type Http = {
  /** Handles plain JSON calls on Node's http alone, everything else through Fastify. */
  answer: RequestListener
  /** Ends the streams, which would not end by themselves. */
  close(): Promise<void>
}

/** Creates all routes on a migrated database. It opens no port: a server calls `answer` for each request. */
export async function createHttp(parts: {
  services: Services
  lifecycle: Lifecycle
  log: FastifyBaseLogger
}): Promise<Http> {
  const { services, lifecycle, log } = parts
  const answerPlainCall = plainCallHandler(parts)
  const details: MissingDetails = { missing: 'path' }
  const app = createApp({ lifecycle, log, logInternal: services.logInternal }, (request, reply) =>
    refuse(request, reply, 'not_found', 'there is nothing at this path', details),
  )
  const failedChecks = createReadiness(services.db, lifecycle)
  homePage(app, services.version, failedChecks)
  healthRoutes(app, failedChecks)
  metricsRoutes(app, services)
  trpcRoutes(app, services)
  restRoutes(app, services)
  documentationRoutes(app, services.version)
  await app.ready()
  return {
    answer(request, response) {
      if (!answerPlainCall(request, response)) app.routing(request, response)
    },
    close() {
      services.streams.end()
      return services.watch.end()
    },
  }
}
