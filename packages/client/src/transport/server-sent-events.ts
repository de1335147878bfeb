/** One server-sent event. */
export type ServerSentEvent = { event: string; data: string; id: string | undefined }

/** The part of a stream reader that the client uses; the platform's own readers fit. */
export interface BodyReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>
}

/** Yields the events of a `text/event-stream` body as they arrive. Drops an incomplete event at the end of the body. */
export async function* readEvents(reader: BodyReader): AsyncGenerator<ServerSentEvent, void> {
  const decoder = new TextDecoder()
  let rest = ''
  let fields = new Map<string, string>()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const lines = (rest + decoder.decode(value, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines.map((text) => text.replace(/\r$/, ''))) {
      if (line !== '') addField(fields, line)
      else if (fields.size > 0) {
        yield { event: fields.get('event') ?? 'message', data: fields.get('data') ?? '', id: fields.get('id') }
        fields = new Map()
      }
    }
  }
}

/** Ignores comments, which are lines that begin with a colon. */
function addField(fields: Map<string, string>, line: string): void {
  const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? []
  if (name === '') return
  const known = fields.get(name)
  fields.set(name, name === 'data' && known !== undefined ? `${known}\n${value}` : value)
}
