import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'

/** The people who have an account at the provider, by their `sub`; any password is right. */
export type People = Record<string, Record<string, unknown>>

export const REGISTERED = { id: 'mgx', secret: 'the secret of mgx at the provider' }

/** Starts an OpenID provider on a free port. Until `register`, it knows no client. */
export async function startProvider(people: People) {
  let unanswered = 0
  let answer: RequestListener = (_request, response) => {
    unanswered += 1
    response.writeHead(503).end()
  }
  const server = createServer((request, response) => answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    issuer,
    /** How many requests there were before `register`. */
    unanswered: () => unanswered,
    /** Registers this repository's server as a client that is sent back to these addresses. */
    register(redirectUris: string[]) {
      const { id, secret } = REGISTERED
      const provider = new Provider(issuer, {
        clients: [{ client_id: id, client_secret: secret, redirect_uris: redirectUris }],
        claims: { openid: ['sub'], profile: ['preferred_username', 'groups'], email: ['email', 'email_verified'] },
        findAccount: (_context, sub) => ({ accountId: sub, claims: async () => ({ sub, ...people[sub] }) }),
        cookies: { keys: ['a key of the provider'] },
        ttl: { IdToken: 600 },
        pkce: { required: () => true },
      })
      answer = provider.callback()
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** A browser that keeps cookies per origin, and leaves redirects and forms to the caller. */
export function createBrowser() {
  const jars = new Map<string, Map<string, string>>()
  const jarOf = (url: string) => {
    const { origin } = new URL(url)
    const jar = jars.get(origin) ?? new Map<string, string>()
    jars.set(origin, jar)
    return jar
  }
  async function visit(url: string, init: { form?: Record<string, string>; headers?: Record<string, string> } = {}) {
    const jar = jarOf(url)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { ...(cookie && { cookie }), ...init.headers },
      ...(init.form && { method: 'POST', body: new URLSearchParams(init.form) }),
    })
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      if (value === '' || /max-age=0/i.test(set)) jar.delete(name)
      else jar.set(name, value)
    }
    return response
  }
  return {
    visit,
    jarOf,
    /** Follows redirects and fills in the provider's forms as this person; returns the first address that `isEnd`. */
    async signInAt(start: string, login: string, isEnd: (url: string) => boolean): Promise<string> {
      let url = start
      let form: Record<string, string> | undefined
      for (let step = 0; step < 15; step += 1) {
        if (isEnd(url)) return url
        const response = await visit(url, form && { form })
        form = undefined
        const location = response.headers.get('location')
        if (location) {
          url = new URL(location, url).href
          continue
        }
        const page = await response.text()
        const [, action] = /<form[^>]* action="([^"]+)"/.exec(page) ?? []
        const [, prompt] = /name="prompt" value="(\w+)"/.exec(page) ?? []
        if (!action || !prompt) throw new Error(`${response.status} without a form at ${url}: ${page.slice(0, 300)}`)
        url = new URL(action, url).href
        form = { prompt, login, password: 'any' }
      }
      throw new Error(`the sign-in did not end: ${url}`)
    },
  }
}
