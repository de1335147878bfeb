import type { AppRouter } from '@mgx/client/trpc'

export type Procedures = keyof AppRouter['_def']['procedures']
export const procedures: Procedures[] = ['projects', 'costs']
