import type { Services } from '@mgx/api'
import { DomainError, invalidField } from '@mgx/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { takeJsonAsText } from '../http/refusals.js'
import { refusingAsJson, requestOf } from './auth-requests.js'
import { deletedCookie, isSecure, sessionCookie, sessionIn } from './cookies.js'
import { originOf } from './same-origin.js'

const SignInBody = z.strictObject({ apiKey: z.string().min(1) })

/** Adds `POST /auth/sign-in`, which exchanges an API key for a session cookie, and `POST /auth/sign-out`. */
export function signInRoutes(http: FastifyInstance, services: Services): void {
  const { publicUrl } = services
  const { signIn } = services.credentials

  async function answerSignIn(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    if (originOf(request.headers, publicUrl) === 'other') throw otherOrigin()
    const { token, ...answer } = await signIn.withApiKey(readApiKey(request.body), requestOf(request))
    // A new sign-in leaves no earlier session behind.
    const replaced = sessionIn(request.headers, publicUrl)
    if (replaced) await signIn.end(replaced, requestOf(request))
    return reply.header('set-cookie', sessionCookie(token, isSecure(request, publicUrl))).send(answer)
  }

  async function answerSignOut(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    if (originOf(request.headers, publicUrl) !== 'same') throw otherOrigin()
    const token = sessionIn(request.headers, publicUrl)
    if (token) await signIn.end(token, requestOf(request))
    return reply
      .code(204)
      .header('set-cookie', deletedCookie('mgx_session', isSecure(request, publicUrl)))
      .send()
  }

  http.register(async (scope) => {
    takeJsonAsText(scope, ({ routeOptions }) => routeOptions.url === '/auth/sign-in')
    scope.post('/auth/sign-in', refusingAsJson(services, answerSignIn))
    scope.post('/auth/sign-out', refusingAsJson(services, answerSignOut))
  })
}

function otherOrigin(): DomainError {
  return new DomainError('forbidden', 'only pages of this server may do this: the request comes from another origin')
}

/** @throws DomainError `invalid_input`, which never contains the key. */
function readApiKey(body: unknown): string {
  const { data } = SignInBody.safeParse(parsed(body))
  if (!data) throw invalidField('apiKey', 'the body must be {"apiKey": "…"}')
  return data.apiKey
}

function parsed(body: unknown): unknown {
  try {
    return JSON.parse(String(body))
  } catch {
    return undefined
  }
}
