/**
 * YAML as Kubernetes reads it, so that a pod means here what it means to `kubectl apply`: `0644` is octal and
 * `yes` is a boolean, as in YAML 1.1, but dates, times and base 60 are text (sigs.k8s.io/yaml, which is
 * go-yaml v2.4.0).
 */
import {
  Document,
  Pair,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  visit,
  type DocumentOptions,
  type LineCounter,
  type Node,
  type ParseOptions,
  type SchemaOptions,
  type Tags,
} from "yaml";
import type { PatchOperation } from "@pod-secrets/core";

import { unescapePointer } from "./json-pointer.ts";
import { NUMBER_TAGS, isNumberTag } from "./yaml-numbers.ts";

/** Tags of YAML 1.1 that Kubernetes does not resolve. */
const TEXT_TAGS = new Set(["timestamp", "binary", "omap", "pairs", "set"].map((name) => `tag:yaml.org,2002:${name}`));

/** For reading and writing. */
export const YAML_OPTIONS: ParseOptions & DocumentOptions & SchemaOptions = {
  schema: "yaml-1.1",
  // On writing, what YAML 1.2 would take for a number or a boolean is quoted too.
  compat: "core",
  customTags: (tags: Tags): Tags => [...NUMBER_TAGS, ...tags.filter(isKept)],
  resolveKnownTags: false,
};

function isKept(tag: Tags[number]): boolean {
  return typeof tag === "string" || !(TEXT_TAGS.has(tag.tag) || ("test" in tag && isNumberTag(tag)));
}

/** A YAML document and the layout it came in. */
export interface YamlSource {
  readonly document: Document;
  readonly layout: YamlLayout;
}

export interface YamlLayout {
  /** Spaces per level. */
  readonly indent: number;
  /** Whether the dash of a list stands further in than the key above it. */
  readonly indentSeq: boolean;
  /** Whether it is `{ a: 1 }` or `{a: 1}`. */
  readonly flowCollectionPadding: boolean;
}

/** The layout of `kubectl get -o yaml`. */
const KUBECTL_LAYOUT: YamlLayout = { indent: 2, indentSeq: false, flowCollectionPadding: false };

/** The pods share entries between containers; YAML would make anchors and aliases of them. */
const NO_ALIASES = { aliasDuplicateObjects: false } as const;

/** Writes a document in its layout. Long text stays on its line. */
export function printYaml({ document, layout }: YamlSource): string {
  return document.toString({ lineWidth: 0, ...layout, ...(hasIndentedBlock(document) ? KUBECTL_LAYOUT : {}) });
}

/**
 * Whether a text over several lines starts with a space: its lines then say by how much they are indented, and the
 * library says two spaces whatever it writes.
 */
function hasIndentedBlock(document: Document): boolean {
  let found = false;
  visit(document, {
    Scalar(_key, { value }) {
      if (typeof value !== "string" || !/^[\n\t]* /.test(value) || !value.includes("\n")) return undefined;
      found = true;
      return visit.BREAK;
    },
  });
  return found;
}

/** Plain JSON as a YAML document. */
export function toYaml(value: unknown): YamlSource {
  return { document: new Document(value, { ...YAML_OPTIONS, ...NO_ALIASES }), layout: KUBECTL_LAYOUT };
}

/** The layout of a document, by its first nested object, its first list, and its first collection on one line. */
export function layoutOf(document: Document, lines: LineCounter): YamlLayout {
  const found: { -readonly [Key in keyof YamlLayout]?: YamlLayout[Key] } = {};
  visit(document, {
    Collection(_key, node) {
      const [first] = node.items;
      const inner = isPair(first) ? first.key : first;
      if (node.flow === true && isNode(inner)) found.flowCollectionPadding ??= startOf(inner) - startOf(node) > 1;
    },
    Pair(_key, { key, value }) {
      if (!isScalar(key) || !isCollection(value) || value.flow === true) return;
      const deeper = columnOf(value, lines) - columnOf(key, lines);
      if (isSeq(value)) found.indentSeq ??= deeper > 0;
      else if (deeper > 0) found.indent ??= deeper;
    },
  });
  const layout = { ...KUBECTL_LAYOUT, ...found };
  // The library writes lists below their key by two spaces only.
  return layout.indentSeq ? layout : { ...layout, indent: 2 };
}

function columnOf(node: Node, lines: LineCounter): number {
  return lines.linePos(startOf(node)).col;
}

function startOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

/**
 * Whether a patch can be made in the document itself. With aliases and merge keys one place stands for several,
 * and JSON is better written anew.
 */
export function isEditable(document: Document): boolean {
  let editable = isCollection(document.contents) && document.contents.flow !== true;
  visit(document, {
    Node(_key, node) {
      if (!isAlias(node)) return undefined;
      editable = false;
      return visit.BREAK;
    },
    Pair(_key, { key }) {
      // A merge key is read as a symbol.
      if (!isScalar(key) || typeof key.value !== "symbol") return undefined;
      editable = false;
      return visit.BREAK;
    },
  });
  return editable;
}

/**
 * Makes the changes of a JSON Patch in a document. Comments, order and the way that values are written stay.
 * @param at JSON pointer of the object that the patch is for
 */
export function editYaml(document: Document, patch: readonly PatchOperation[], at: string): void {
  for (const operation of patch) {
    const path = `${at}${operation.path}`.split("/").slice(1).map(unescapePointer);
    const key = path.pop() ?? "";
    const parent = path.reduce<unknown>(child, document.contents);
    const value = operation.op === "remove" ? undefined : document.createNode(operation.value, NO_ALIASES);
    if (isSeq(parent)) editList(parent.items, Number(key), operation, value);
    else if (isMap(parent)) editMap(parent.items, key, value);
    else throw new Error("the document does not have the path of the patch");
    // What was `env: []` is no longer written on one line.
    if (operation.op === "add" && parent.items.length === 1) parent.flow = false;
  }
}

function child(parent: unknown, key: string): unknown {
  if (isSeq(parent)) return parent.items[Number(key)];
  return isMap(parent) ? parent.items.find((pair) => isKey(pair, key))?.value : undefined;
}

function editList(items: unknown[], index: number, { op }: PatchOperation, value: unknown): void {
  if (op === "add") items.splice(index, 0, value);
  else if (op === "remove") items.splice(index, 1);
  else items[index] = value;
}

/** `value` undefined removes the key. */
function editMap(items: Pair[], key: string, value: unknown): void {
  const index = items.findIndex((pair) => isKey(pair, key));
  const pair = items[index];
  if (value === undefined) items.splice(index, 1);
  else if (pair === undefined) items.push(new Pair(key, value));
  else pair.value = value;
}

/** Keys are text in JSON, and may be numbers in YAML. */
function isKey({ key }: Pair, text: string): boolean {
  return (isScalar(key) ? String(key.value) : key) === text;
}
