declare const brand: unique symbol

/**
 * Which rows a caller may see and change: those of a user, of a project, of a user in a project, or all. Only `scopeTo`
 * and `EVERYTHING` create one; any other object, such as `{}`, is a type error.
 */
export type Scope = { readonly userId?: number; readonly projectId?: number; readonly [brand]: true }

/** All rows: the scope of admins and of the process itself. */
export const EVERYTHING = {} as Scope

/** Returns the scope of a user, of a project, or of a user in a project. */
export function scopeTo(owner: { userId: number; projectId?: number } | { projectId: number }): Scope {
  return owner as Scope
}

/** Whether a row is in a scope. */
export function inScope(scope: Scope, row: { userId: number; projectId: number }): boolean {
  return (scope.userId ?? row.userId) === row.userId && (scope.projectId ?? row.projectId) === row.projectId
}

/** A query builder of Knex or Objection. */
export type Narrowable = { where(column: string, id: number): unknown; whereRaw(sql: string): unknown }

/**
 * Narrows a query to the rows in scope; `columns` are those with the user's and the project's id. Leave out `projectId`
 * for rows that belong to no project: a scope bound to a project then matches none.
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
