// Generated from the contract of @mgx/api by `npm run generate`; do not edit.

/** Names the contract this was made from: another one means that other things go over the wire. */
export const contractHash = 'a00b07bd66126eb3'
