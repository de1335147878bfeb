declare const brand: unique symbol

/**
 * Which rows a caller may see and change: those of one user, of one project, of both, or all. Only `scopeTo` and
 * `EVERYTHING` make one, so that no other object, and never an empty one, passes for it.
 */
export type Scope = { readonly userId?: number; readonly projectId?: number; readonly [brand]: true }

/** All rows: the scope of admins, and of what the process does by itself. */
export const EVERYTHING = {} as Scope

/** The rows of a user, of a project, or of a user in a project. */
export function scopeTo(owner: { userId: number; projectId?: number } | { projectId: number }): Scope {
  return owner as Scope
}

/** Whether a row lies in a scope. */
export function inScope(scope: Scope, row: { userId: number; projectId: number }): boolean {
  return (scope.userId ?? row.userId) === row.userId && (scope.projectId ?? row.projectId) === row.projectId
}

/** A query builder, of Knex or of Objection. */
type Narrowable = { where(column: string, id: number): unknown; whereRaw(sql: string): unknown }

/**
 * Narrows a query to the rows in scope, by the columns that name their user and their project. Rows without a project
 * (`projectId` left out) lie in no scope that is bound to one.
 */
export function narrow<Query extends Narrowable>(
  query: Query,
  scope: Scope,
  columns: { userId: string; projectId?: string },
): Query {
  if (scope.userId !== undefined) query.where(columns.userId, scope.userId)
  if (scope.projectId !== undefined) {
    if (columns.projectId === undefined) query.whereRaw('1 = 0')
    else query.where(columns.projectId, scope.projectId)
  }
  return query
}
