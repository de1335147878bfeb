// Generated from the contract of @mgx/api by `npm run generate`; do not edit.

/** Names the contract this was made from: another one means that other things go over the wire. */
export const contractHash = 'e3f5b26c117cf93b'
