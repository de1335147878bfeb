import { clearTimeout, setImmediate, setTimeout } from 'node:timers'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient, ErrorReply } from '@redis/client'

const CONNECT_MILLISECONDS = 1_000
/** A call may wait this long for Redis; the first one that does is the last, because the connection is then given up. */
const COMMAND_MILLISECONDS = 500
const PAUSE_MILLISECONDS = 500
const HEARTBEAT_MILLISECONDS = 1_000

export type RedisClient = ReturnType<typeof newClient>

export type RedisConnection = {
  /** Runs commands. Returns undefined when Redis is gone, slow or refuses them; at once while it is known to be gone. */
  ask<Reply>(work: (client: RedisClient) => Promise<Reply>): Promise<Reply | undefined>
  close(): Promise<void>
}

/** Where a loss is logged, and the end of it. */
export type ConnectionLog = { warn(fields: object, message: string): void; info(message: string): void }

type Options = {
  readonly url: string
  readonly log: ConnectionLog
  /** Tried until it succeeds, before the first connection. */
  readonly prepare: () => Promise<unknown>
  /** Prepares a new connection. */
  readonly begin: (client: RedisClient) => Promise<unknown>
  /** Called every second; a rejection counts as a loss. */
  readonly heartbeat: (client: RedisClient) => Promise<unknown>
}

type Held = { readonly client: RedisClient; readonly lose: (error: unknown) => void }

/** Keeps one connection to Redis, and opens another one when it is lost. Logs a loss once, and its end. */
export function keepConnected({ url, log, prepare, begin, heartbeat }: Options): RedisConnection {
  const closing = new AbortController()
  const { signal } = closing
  let held: Held | undefined
  let isLost = false

  /** Opens a connection and uses it until it is lost. Always rejects. */
  async function hold(): Promise<never> {
    const client = newClient(url)
    let lose: Held['lose'] = () => {}
    const lost = new Promise<never>((_, reject) => {
      lose = reject
      client.on('error', reject)
      signal.addEventListener('abort', reject, { once: true })
    })
    try {
      await inTime(CONNECT_MILLISECONDS, Promise.race([lost, client.connect().then(() => begin(client))]))
      await inTime(COMMAND_MILLISECONDS, heartbeat(client))
      held = { client, lose }
      if (isLost) log.info('Redis is back')
      isLost = false
      for (;;) {
        await Promise.race([lost, sleep(HEARTBEAT_MILLISECONDS, undefined, { ref: false, signal })])
        await Promise.race([lost, inTime(COMMAND_MILLISECONDS, heartbeat(client))])
      }
    } finally {
      held = undefined
      signal.removeEventListener('abort', lose)
      if (client.isOpen) client.destroy()
    }
  }

  /** Resolves after a pause, or when closed. */
  const pause = () => sleep(PAUSE_MILLISECONDS, undefined, { ref: false, signal }).catch(() => {})

  async function run(): Promise<void> {
    for (let isPrepared = false; !isPrepared && !signal.aborted; ) {
      isPrepared = await prepare().then(
        () => true,
        () => pause().then(() => false),
      )
    }
    while (!signal.aborted) {
      const error: unknown = await hold().catch((reason: unknown) => reason)
      if (signal.aborted) return
      const why = error instanceof Error ? withoutPassword(url, error.message) : 'it cannot be reached'
      if (!isLost) log.warn({ why }, 'Redis is gone: this server shares nothing with others until it is back')
      isLost = true
      await pause()
    }
  }
  const running = run()

  return {
    async ask(work) {
      const current = held
      if (!current) return undefined
      try {
        return await inTime(COMMAND_MILLISECONDS, work(current.client))
      } catch (error) {
        if (!(error instanceof ErrorReply)) current.lose(error)
        return undefined
      }
    },
    close() {
      closing.abort()
      return running
    },
  }
}

/** Never waits by itself: neither for a connection nor with commands for the next one. */
function newClient(url: string) {
  return createClient({
    url,
    disableOfflineQueue: true,
    socket: { connectTimeout: CONNECT_MILLISECONDS, reconnectStrategy: false },
  })
}

/** @throws Error when a promise takes longer. A reply that has arrived while the process was busy is in time. */
function inTime<Value>(milliseconds: number, promise: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const tooLate = () => reject(new Error(`no reply within ${milliseconds} ms`))
    const timer = setTimeout(() => setImmediate(tooLate), milliseconds).unref()
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** Something that is not Redis may repeat in its error what it was sent. */
function withoutPassword(url: string, text: string): string {
  if (!URL.canParse(url)) return 'REDIS_URL cannot be read'
  const { password } = new URL(url)
  const secrets = [url, password, decoded(password)].filter((secret) => secret !== '')
  return secrets.reduce((told, secret) => told.replaceAll(secret, '…'), text)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
