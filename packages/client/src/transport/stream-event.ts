/** One event of a stream, with the id to go on from: as `lastEventId` it asks for what comes after this one. */
export type StreamEvent<Data> = Data & { readonly id: string }
