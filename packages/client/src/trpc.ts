export type { AppErrorShape, AppRouter } from './generated/app-router.js'
