/** Every way in which a body is handled. */
export const bodyWays: [name: string, path: string, isBatch: boolean][] = [
  ['a plain call', '/trpc/projects.create', false],
  ['a plain batch', '/trpc/projects.create?batch=1', true],
  ['a call that the stock adapter answers', '/trpc/projects.create?unusual=1', false],
  ['a batch that the stock adapter answers', '/trpc/projects.create?batch=1&unusual=1', true],
  ['REST', '/api/projects', false],
]
