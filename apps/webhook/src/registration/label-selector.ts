/** Label selectors, in the form in which the API server gives them back: without fields that are empty. */
import { isJsonObject } from "@pod-secrets/core";

export function plainSelector(selector: object): object {
  return withoutEmpty({
    ...selector,
    ...plainExpressions("matchExpressions" in selector ? selector.matchExpressions : []),
  });
}

function plainExpressions(expressions: unknown): object {
  if (!Array.isArray(expressions)) return {};
  return { matchExpressions: expressions.map((each: unknown) => (isJsonObject(each) ? withoutEmpty(each) : each)) };
}

function withoutEmpty(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value)));
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === undefined || (isJsonObject(value) && Object.keys(value).length === 0);
}
