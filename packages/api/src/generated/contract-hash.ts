// Generated from the router by `npm run generate`; do not edit.

/** Identifies the contract of this server: it changes with the wire format or with who may call. */
export const contractHash = 'd5dc70b26e190eb3'
