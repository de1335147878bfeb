export type { Fetch } from './create-fetch.js'
export { createTestServer, type TestServer, type TestServerOptions } from './create-test-server.js'
export type { Failure, FailureOptions } from './planned-failures.js'
