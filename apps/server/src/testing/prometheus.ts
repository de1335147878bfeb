import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '@mgx/db/testing'
import { parse, stringify } from 'yaml'

const DEPLOYED = fileURLToPath(new URL('../../../../deploy/prometheus/', import.meta.url))

/** One line of a chart: its labels, and its points by time in Unix seconds. */
export type Series = {
  readonly labels: Record<string, string>
  readonly points: readonly [time: number, value: number][]
}

export type Prometheus = {
  /** Returns what an expression says now. */
  query(expression: string): Promise<Series[]>
  /** Returns what an expression said over the last seconds, each second. */
  queryRange(expression: string, seconds: number): Promise<Series[]>
  /** Returns the names of the alerts that are firing. */
  firing(): Promise<string[]>
  stop(): Promise<void>
}

/** Runs `promtool` in the folder of the rules. @throws Error with its output when it finds a flaw. */
export function promtool(...args: string[]): string {
  return execFileSync('promtool', args, { cwd: DEPLOYED, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

/**
 * Starts the program `prometheus` with the deployed configuration and rules, but scraping these addresses, every second.
 */
export async function startPrometheus(targets: string[]): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'mgx-prometheus-'))
  const config = parse(readFileSync(join(DEPLOYED, 'prometheus.yml'), 'utf8'))
  config.global = { scrape_interval: '1s', evaluation_interval: '1s' }
  config.rule_files = config.rule_files.map((pattern: string) => join(DEPLOYED, pattern))
  config.scrape_configs = [{ job_name: 'mgx', static_configs: [{ targets }] }]
  writeFileSync(join(folder, 'prometheus.yml'), stringify(config))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  )
  const exited = once(child, 'exit')

  async function get(path: string, parameters: Record<string, string> = {}) {
    const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(parameters)}`)
    const answer = (await response.json()) as { status: string; error?: string; data: never }
    if (answer.status !== 'success') throw new Error(`${answer.error}: ${parameters.query}`)
    return answer.data
  }
  type Result = { metric: Record<string, string>; value?: [number, string]; values?: [number, string][] }
  const seriesIn = ({ result }: { result: Result[] }): Series[] =>
    result.map(({ metric, value, values = value ? [value] : [] }) => ({
      labels: metric,
      points: values.map(([time, text]) => [time, Number(text)]),
    }))

  for (;;) {
    const isReady = await fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isReady) break
    if (child.exitCode !== null) throw new Error(`prometheus ended with ${child.exitCode}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return {
    query: async (query) => seriesIn(await get('query', { query })),
    async queryRange(query, seconds) {
      const end = Date.now() / 1_000
      return seriesIn(await get('query_range', { query, start: String(end - seconds), end: String(end), step: '1' }))
    },
    async firing() {
      const { alerts } = (await get('alerts')) as { alerts: { state: string; labels: { alertname: string } }[] }
      return alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels.alertname)
    },
    async stop() {
      child.kill('SIGTERM')
      await exited
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
