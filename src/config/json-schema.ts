/**
 * JsonSchema is a JSON Schema (draft 7) document or a part of one. `title` is the noun phrase that errors end with:
 * `"1x" is not <title>`.
 */
export type JsonSchema = { readonly [keyword: string]: unknown };
