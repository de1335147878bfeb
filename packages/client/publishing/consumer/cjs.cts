import client = require('@mgx/client')
import contract = require('@mgx/client/contract.json')

const mgx: client.MgxClient = client.createMgxClient({
  url: 'http://127.0.0.1:1',
  apiKey: 'mgx_key_nobody',
  logger: { debug: () => undefined, warn: (message: string) => void message },
  onRequest: (request: client.MgxRequest) => void request.paths,
})

if (contract.hash !== client.contractHash) throw new Error('contract.json does not match contractHash')
if (client.usd.subtract('1', '0.1') !== '0.9') throw new Error('usd.subtract')
mgx.projects.updateStatus({ id: 1, status: 'failed' }).then(
  () => {
    throw new Error('the call must fail: there is no server')
  },
  (error: unknown) => {
    if (!(error instanceof client.ConnectionError)) throw new Error('expected a ConnectionError')
  },
)
