export { emptyFolder, type ServerProcess, startServer } from './server-process.js'
export { startTestServer, type TestServer } from './test-server.js'
