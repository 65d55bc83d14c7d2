/** A JSON value as it stands after parsing. Numbers beyond 2^53 travel as text. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

export type JsonObject = { [key: string]: Json }
