// Generated from the contract of @mgx/api by `npm run generate`; do not edit.

/** Identifies the contract that this client was generated from; a server with another hash has a different API. */
export const contractHash = 'd5dc70b26e190eb3'
