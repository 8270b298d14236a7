/**
 * JSON Patch (RFC 6902) a second time, written from the standard and stricter than it: a parent exists, an index has no
 * leading zero and lies in its list, a member that is there is not added again.
 */
import type { PatchOperation } from "../../src/index.ts";
import { copyOf } from "./arbitraries.ts";

/**
 * The document with a patch applied; the document stays as it is.
 * @throws Error with the path of the first operation that does not apply
 */
export function applyStrictly(document: unknown, patch: readonly PatchOperation[]): unknown {
  const root = copyOf({ document });
  for (const operation of patch) {
    const [last = "", ...parents] = tokensOf(operation.path).toReversed();
    const parent = parents.toReversed().reduce((node, token) => member(node, token, operation.path), root as unknown);
    if (Array.isArray(parent)) changeList(parent, last, operation);
    else changeObject(parent, last, operation);
  }
  return root.document;
}

/** RFC 6901, below a member that holds the document, so that the document itself can be replaced. */
function tokensOf(path: string): readonly string[] {
  if (path !== "" && !path.startsWith("/")) throw new Error(`${path} is no JSON pointer`);
  return ["document", ...path.split("/").slice(1)].map((token) => {
    if (/~(?![01])/.test(token)) throw new Error(`${path} has a bare tilde`);
    return token.replaceAll("~1", "/").replaceAll("~0", "~");
  });
}

function member(node: unknown, token: string, path: string): unknown {
  if (Array.isArray(node)) return node[indexOf(token, node.length - 1, path)];
  return objectAt(node, path, token)[token];
}

function changeList(list: unknown[], token: string, operation: PatchOperation): void {
  const { op, path } = operation;
  const at = indexOf(token, list.length - (op === "add" ? 0 : 1), path);
  if (op === "add") list.splice(at, 0, copyOf(operation.value));
  else if (op === "replace") list[at] = copyOf(operation.value);
  else list.splice(at, 1);
}

function changeObject(node: unknown, token: string, operation: PatchOperation): void {
  const { op, path } = operation;
  const object = objectAt(node, path, op === "add" ? undefined : token);
  if (op === "add" && Object.hasOwn(object, token)) throw new Error(`${path} is there already`);
  if (op === "remove") delete object[token];
  else
    Object.defineProperty(object, token, {
      value: copyOf(operation.value),
      enumerable: true,
      configurable: true,
      writable: true,
    });
}

function objectAt(node: unknown, path: string, token: string | undefined): Record<string, unknown> {
  if (typeof node !== "object" || node === null) throw new Error(`${path} has no parent`);
  if (token !== undefined && !Object.hasOwn(node, token)) throw new Error(`${path} is not there`);
  return node as Record<string, unknown>;
}

function indexOf(token: string, last: number, path: string): number {
  const index = Number(token);
  if (!/^(0|[1-9]\d*)$/.test(token) || index > last) throw new Error(`${path} is not in the list`);
  return index;
}
