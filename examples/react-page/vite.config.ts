import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const { MGX_URL: target = 'http://127.0.0.1:3210', MGX_API_KEY: apiKey } = process.env

export default defineConfig(({ command }) => {
  if (command === 'serve' && !apiKey)
    throw new Error('MGX_API_KEY is not set: the server prints a key at its first start')
  // The page and the procedures share one origin, so no CORS is needed; the proxy adds the key, so the browser never has it.
  const proxy = { '/trpc': { target, headers: { authorization: `Bearer ${apiKey}` } } }
  return {
    plugins: [react()],
    server: { proxy },
    preview: { proxy },
    test: { environment: 'happy-dom', globalSetup: 'test/page.ts', testTimeout: 20_000 },
  }
})
