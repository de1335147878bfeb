export { expectAuthority, type WalkAnswer, type WalkCaller } from './authority-walk.js'
export { type RedisServer, startRedis } from './redis-server.js'
export { walkCallers } from './walk-callers.js'
