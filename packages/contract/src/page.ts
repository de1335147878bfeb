import { z } from 'zod'

/** The input fields of every list: pages are newest first and stay stable while rows are added. */
export const pageInput = {
  limit: z.int().min(1).max(200).default(50).describe('Rows per page, 1 to 200.'),
  cursor: z.string().max(200).optional().describe('`nextCursor` of the previous page.'),
}

/** A page of rows; `nextCursor` is null on the last one. */
export const pageOf = <Row extends z.ZodType>(row: Row) =>
  z.object({ items: z.array(row), nextCursor: z.string().nullable().describe('Null on the last page.') })

export type Page<Row> = { items: Row[]; nextCursor: string | null }
export type PageInput = { limit: number; cursor?: string | undefined }
