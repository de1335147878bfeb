/** Written by the build of the client; declared here so that the types need no build. */
declare module '@mgx/client/contract.json' {
  const document: import('@mgx/contract/contract-document').ContractDocument
  export default document
}
