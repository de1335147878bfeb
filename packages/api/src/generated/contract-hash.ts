// Generated from the router of @mgx/api by `npm run generate`; do not edit.

/** Names the contract this was made from: another one means that other things go over the wire. */
export const contractHash = '7ddc7e64853a2733'
