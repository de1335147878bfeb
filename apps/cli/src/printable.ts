// Texts of others must not move the cursor, recolour the terminal or reverse the line.
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu

/** Returns a text as one line without control characters. */
export const printable = (text: string): string => text.replaceAll(UNPRINTABLE, ' ')
