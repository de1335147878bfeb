import type { RequestListener } from 'node:http'
import type { Services } from '@mgx/api'
import type { MissingDetails } from '@mgx/contract'
import type { OidcRegistration } from '../auth/oidc-client.js'
import { oidcRoutes } from '../auth/oidc-routes.js'
import { signInRoutes } from '../auth/sign-in-routes.js'
import { createReadiness, healthRoutes } from '../health/health.js'
import type { Metrics } from '../metrics/metrics.js'
import { metricsRoute } from '../metrics/metrics-server.js'
import { oauthRoutes } from '../oauth/routes.js'
import type { Lifecycle } from '../process/lifecycle.js'
import { documentationRoutes } from '../rest/documentation.js'
import { restRoutes } from '../rest/routes.js'
import { plainCallHandler } from '../trpc/plain-calls.js'
import { trpcRoutes } from '../trpc/routes.js'
import { type AppParts, createApp } from './app.js'
import { homePage } from './home-page.js'
import { refuse } from './refusals.js'

export type Http = {
  /** Handles plain JSON calls on Node's http alone, everything else through Fastify. */
  answer: RequestListener
  /** Ends the streams, which would not end by themselves. */
  close(): Promise<void>
}

/** Creates all routes on a migrated database. It opens no port: a server calls `answer` for each request. */
export async function createHttp(
  parts: Omit<AppParts, 'logInternal'> & {
    services: Services
    lifecycle: Lifecycle
    /** Undefined when the metrics have a port of their own. */
    metrics: Metrics | undefined
    /** Undefined when people do not sign in with an OpenID provider. */
    oidc?: OidcRegistration | undefined
  },
): Promise<Http> {
  const { services, lifecycle, metrics } = parts
  const answerPlainCall = plainCallHandler(parts)
  const details: MissingDetails = { missing: 'path' }
  const app = createApp({ ...parts, logInternal: services.logInternal }, (request, reply) =>
    refuse(request, reply, 'not_found', 'there is nothing at this path', details),
  )
  const failedChecks = createReadiness(services.db, lifecycle)
  homePage(app, { version: services.version, hasMetrics: metrics !== undefined, failedChecks })
  healthRoutes(app, failedChecks)
  if (metrics) metricsRoute(app, metrics)
  trpcRoutes(app, services)
  restRoutes(app, services)
  oauthRoutes(app, services)
  signInRoutes(app, services)
  oidcRoutes(app, services, parts.oidc)
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
