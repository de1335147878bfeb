import { createServer } from 'vite'
import type { TestProject } from 'vitest/node'

/** Serves the page as `npm start` does, proxy and key included, for as long as the tests run. */
export async function setup({ provide }: TestProject) {
  const server = await createServer({ server: { port: 0, host: '127.0.0.1' }, logLevel: 'warn' })
  await server.listen()
  const address = server.httpServer?.address()
  if (!address || typeof address === 'string') throw new Error('the page is served at no port')
  provide('pageUrl', `http://127.0.0.1:${address.port}/`)
  return () => server.close()
}

declare module 'vitest' {
  interface ProvidedContext {
    pageUrl: string
  }
}
