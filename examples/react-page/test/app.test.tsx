import { createMgxClient } from '@mgx/client'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { EventSource } from 'eventsource'
import type { DetachedWindowAPI } from 'happy-dom'
import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest'
import { App } from '../src/app.js'
import { LiveCosts } from '../src/live-costs.js'

const pageUrl = inject('pageUrl')
// Calls the page's own origin, whose proxy adds the real key.
const mgx = createMgxClient({ url: pageUrl, apiKey: 'none' })
const usage = { promptTokens: 1000, completionTokens: 500 }

beforeEach(() => {
  // happy-dom has neither the page's URL nor an EventSource.
  window.happyDOM.setURL(pageUrl)
  vi.stubGlobal('EventSource', EventSource)
})
afterEach(cleanup)

test('shows what the projects spent, and a cost that is recorded while the page is open', async () => {
  const name = `Snake ${Date.now()}`
  const { id: projectId } = await mgx.projects.create({ name, idea: 'A snake game', investment: '3' })
  await mgx.costs.record({ projectId, model: 'early-model', ...usage, totalCost: '0.5' })

  render(<App />)
  const button = await screen.findByRole('button', { name }, { timeout: 10_000 })
  expect(button.parentElement?.textContent).toContain('pending, $0.50 of $3.00')
  fireEvent.click(button)
  await screen.findByText('$0.50 of $3.00 spent, $2.50 left', {}, { timeout: 10_000 })
  expect(await rows()).toEqual(['early-model $0.50'])

  await mgx.costs.record({ projectId, model: 'live-model', ...usage, totalCost: '0.0248425' })
  await screen.findByText('live-model', {}, { timeout: 10_000 })
  expect(await rows()).toEqual(['live-model $0.0248425', 'early-model $0.50'])
  expect(screen.getByText('$0.5248425 of $3.00 spent, $2.4751575 left')).toBeDefined()
})

test('goes on by itself when the server was away', async () => {
  const { id: projectId } = await mgx.projects.create({ name: 'Restarted', idea: 'A server that comes back' })
  let refusals = 0
  class EventSourceOfAServerAway extends EventSource {
    constructor(url: string | URL) {
      const away = () => Promise.resolve(new Response('', { status: 502 }))
      super(url, { fetch: (address, init) => (++refusals <= 2 ? away() : fetch(address, init)) })
    }
  }
  vi.stubGlobal('EventSource', EventSourceOfAServerAway)

  render(
    <QueryClientProvider client={new QueryClient()}>
      <LiveCosts projectId={projectId} />
    </QueryClientProvider>,
  )
  await screen.findByRole('status', {}, { timeout: 10_000 })
  await mgx.costs.record({ projectId, model: 'missed-model', ...usage, totalCost: '0.25' })
  await screen.findByText('missed-model', {}, { timeout: 10_000 })
  expect(await rows()).toEqual(['missed-model $0.25'])
  expect(screen.queryByRole('status')).toBeNull()
})

async function rows(): Promise<string[]> {
  const [, ...found] = await screen.findAllByRole('row')
  return found.map(({ children }) => `${children[1]?.textContent} ${children[3]?.textContent}`)
}

declare global {
  interface Window {
    happyDOM: DetachedWindowAPI
  }
}
