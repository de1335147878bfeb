import type { ProjectStatus, Reason } from '@mgx/contract'

/** The result of a command, reduced to what all databases and the model must agree on. Amounts in nano-USD. */
export type Answer =
  | { refused: Reason }
  | { limit: bigint; spent: bigint; reserved: bigint; row?: number; late?: boolean; overrun?: boolean; status?: string }

type Hold = { project: number; amount: bigint; status: string; settledWith?: bigint; answer?: Answer }
type Keyed = { content: string; answer: Answer }
type Project = { limit: bigint; spent: bigint; status: ProjectStatus }

const NEXT: Record<ProjectStatus, ProjectStatus[]> = {
  pending: ['running', 'failed'],
  running: ['completed', 'failed'],
  completed: [],
  failed: [],
}

/** A naive model of the ledger: plain lists, totals recomputed every time. One user owns everything. */
export class LedgerModel {
  readonly projects: Project[] = []
  readonly holds: Hold[] = []
  records = 0
  userLimit: bigint | null = null
  readonly #keys = new Map<string, Keyed>()

  create(limit: bigint): Answer {
    this.projects.push({ limit, spent: 0n, status: 'pending' })
    return this.standing(this.projects.length - 1)
  }

  record(project: number, cost: bigint, key: string | null): Answer {
    return this.#once(`record:${project}:${key}`, key, `${cost}`, () => {
      this.#at(project).spent += cost
      return { ...this.standing(project), row: this.records++ }
    })
  }

  reserve(project: number, amount: bigint, key: string | null): Answer {
    return this.#once(`reserve:${project}:${key}`, key, `${amount}`, () => {
      const { limit, spent, status } = this.#at(project)
      if (status === 'completed' || status === 'failed') return { refused: 'conflict' }
      const userSpent = this.projects.reduce((sum, each) => sum + each.spent, 0n)
      const overUser = this.userLimit !== null && userSpent + this.#held() + amount > this.userLimit
      if (overUser || spent + this.#held(project) + amount > limit) return { refused: 'budget_exceeded' }
      this.holds.push({ project, amount, status: 'held' })
      return { ...this.standing(project), row: this.holds.length - 1 }
    })
  }

  settle(index: number, cost: bigint): Answer {
    const hold = this.#hold(index)
    if (hold.answer) return hold.settledWith === cost ? hold.answer : { refused: 'reservation_closed' }
    if (hold.status === 'held') hold.status = 'settled'
    this.#at(hold.project).spent += cost
    hold.settledWith = cost
    const late = hold.status !== 'settled'
    hold.answer = { ...this.standing(hold.project), row: this.records++, late, overrun: cost > hold.amount }
    return hold.answer
  }

  release(index: number): Answer {
    const hold = this.#hold(index)
    if (hold.status === 'settled') return { refused: 'reservation_closed' }
    if (hold.status === 'held') hold.status = 'released'
    return { ...this.standing(hold.project), status: hold.status }
  }

  extend(index: number): Answer {
    const hold = this.#hold(index)
    return hold.status === 'held'
      ? { ...this.standing(hold.project), status: 'held' }
      : { refused: 'reservation_closed' }
  }

  invest(project: number, limit: bigint): Answer {
    const account = this.#at(project)
    if (limit < account.spent + this.#held(project)) return { refused: 'conflict' }
    account.limit = limit
    return this.standing(project)
  }

  move(project: number, status: ProjectStatus): Answer {
    const account = this.#at(project)
    if (!NEXT[account.status].includes(status)) return { refused: 'invalid_transition' }
    account.status = status
    if (NEXT[status].length === 0) {
      for (const hold of this.holds) {
        if (hold.project === project && hold.status === 'held') hold.status = 'released'
      }
    }
    return this.standing(project)
  }

  adjust(project: number, total: bigint): Answer {
    this.#at(project).spent = total
    return { ...this.standing(project), row: this.records++ }
  }

  /** A hold expires at its time, whether or not a sweep has run. */
  expire(index: number): void {
    const hold = this.#hold(index)
    if (hold.status === 'held') hold.status = 'expired'
  }

  /** Returns the current budget of a project. */
  standing(project: number) {
    const { limit, spent } = this.#at(project)
    return { limit, spent, reserved: this.#held(project) }
  }

  #once(place: string, key: string | null, content: string, act: () => Answer): Answer {
    const earlier = key === null ? undefined : this.#keys.get(place)
    if (earlier) return earlier.content === content ? earlier.answer : { refused: 'idempotency_mismatch' }
    const answer = act()
    if (key !== null && !('refused' in answer)) this.#keys.set(place, { content, answer })
    return answer
  }

  #held(project?: number): bigint {
    const held = this.holds.filter((hold) => hold.status === 'held' && (project ?? hold.project) === hold.project)
    return held.reduce((sum, { amount }) => sum + amount, 0n)
  }

  #at(project: number): Project {
    const found = this.projects[project]
    if (!found) throw new Error(`no project ${project}`)
    return found
  }

  #hold(index: number): Hold {
    const found = this.holds[index]
    if (!found) throw new Error(`no hold ${index}`)
    return found
  }
}
