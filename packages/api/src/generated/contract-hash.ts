// Generated from the router by `npm run generate`; do not edit.

/** Identifies the contract of this server: it changes with the wire format or with who may call. */
export const contractHash = '435b5f290a7013fb'
