import {
  type CreateProjectInput,
  DomainError,
  type Project,
  type ProjectStatus,
  parseUsd,
  projectTransitions,
} from '@mgx/contract'

/** Returns the content that a repeated call must match to count as the same project. */
export function projectContent({ name, idea, description, investment, metadata }: CreateProjectInput): unknown[] {
  return [name, idea, description ?? null, investment, metadata ?? null]
}

/** Checks a new investment. @throws DomainError `conflict` when it would be below what is spent and reserved. */
export function requireInvestment({ totalCost: spent, reserved }: Project, investment: string): void {
  if (parseUsd(investment) >= parseUsd(spent) + parseUsd(reserved)) return
  throw new DomainError('conflict', 'investment must not be below what is spent and reserved', { spent, reserved })
}

/** Checks a change of status. @throws DomainError `invalid_transition` with the statuses that may follow. */
export function requireTransition({ status: from }: Project, to: ProjectStatus): void {
  const allowed = projectTransitions[from]
  if (allowed.includes(to)) return
  throw new DomainError('invalid_transition', `a ${from} project cannot become ${to}`, { from, to, allowed })
}

/** Whether a status is final, so the project has ended. */
export const isEnd = (status: ProjectStatus): boolean => projectTransitions[status].length === 0
