// Generated from the router by `npm run generate`; do not edit.

/** Names the contract of this server: another one means that other things go over the wire. */
export const contractHash = 'a00b07bd66126eb3'
