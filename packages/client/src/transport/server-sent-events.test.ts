import { expect, test } from 'vitest'
import { readEvents, type ServerSentEvent } from './server-sent-events.js'

/** Reads a body that arrives in chunks of `pieceBytes` bytes. */
async function eventsIn(body: string, pieceBytes: number): Promise<ServerSentEvent[]> {
  const bytes = new TextEncoder().encode(body)
  let at = 0
  const read = async () => {
    const value = bytes.slice(at, at + pieceBytes)
    at += pieceBytes
    return { done: value.length === 0, value }
  }
  const events: ServerSentEvent[] = []
  for await (const event of readEvents({ read })) events.push(event)
  return events
}

const body = [
  ': a comment\n\n',
  'event: connected\ndata: {}\n\n\n',
  'data: {"a":"ä😀: b"}\nid: 7\n\n\n',
  'data:one\ndata: two\n\n',
  'event: ping\r\ndata: \r\n\r\n',
  'id: 8\n\n',
  'data: cut off\n',
].join('')

test.each([1, 2, 3, 7, 1_000])('events that arrive in chunks of %s bytes', async (pieceBytes) => {
  expect(await eventsIn(body, pieceBytes)).toEqual([
    { event: 'connected', data: '{}', id: undefined },
    { event: 'message', data: '{"a":"ä😀: b"}', id: '7' },
    { event: 'message', data: 'one\ntwo', id: undefined },
    { event: 'ping', data: '', id: undefined },
    { event: 'message', data: '', id: '8' },
  ])
})
