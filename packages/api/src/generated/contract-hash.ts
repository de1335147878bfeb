// Generated from the router by `npm run generate`; do not edit.

/** Names the contract of this server: another one means that other things go over the wire, or from others. */
export const contractHash = 'e3f5b26c117cf93b'
