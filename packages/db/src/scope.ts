/** Which rows a caller may see: those of one user, of one project, or, when empty, all. */
export type Scope = { readonly userId?: number; readonly projectId?: number }

/** Whether a row lies in a scope. */
export function inScope(scope: Scope, row: { userId: number; projectId: number }): boolean {
  return (scope.userId ?? row.userId) === row.userId && (scope.projectId ?? row.projectId) === row.projectId
}
