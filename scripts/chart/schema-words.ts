/** Words of JSON Schema, as the schema of the chart's values says them. */

export type Schema = Readonly<Record<string, unknown>>;

export const text: Schema = { type: "string" };
export const flag: Schema = { type: "boolean" };
export const anything: Schema = { type: "object" };
/** A mapping of texts, such as labels. */
export const words: Schema = { type: "object", additionalProperties: { type: "string" } };
/** A whole number. */
export const whole = (minimum: number, maximum = 2_147_483_647): Schema => ({ type: "integer", minimum, maximum });
export const port = whole(1, 65_535);
export const oneOf = (...values: readonly string[]): Schema => ({ enum: values });
export const listOf = (items: Schema): Schema => ({ type: "array", items });
/** A mapping of these keys and no others. */
export const only = (properties: Readonly<Record<string, Schema>>, ...required: readonly string[]): Schema => ({
  type: "object",
  additionalProperties: false,
  properties,
  ...(required.length > 0 ? { required } : {}),
});
