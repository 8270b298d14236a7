/**
 * The name of a package -> the file that `import` of it means, seen from another folder than this app's.
 * Node has no such function without a flag: `require.resolve` does not see packages that are for `import`
 * only, and `import.meta.resolve` knows no other place to look from. So its rules for `exports` are here, as
 * far as a plugin needs them (https://nodejs.org/api/esm.html, "Resolution and loading algorithm").
 */
import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { dirname, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";

import { isJsonObject } from "@pod-secrets/core";

const PACKAGE_NAME = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*(\/[A-Za-z0-9._~-]+)*$/;
/** Conditions that Node sets for `import`. */
const CONDITIONS: ReadonlySet<string> = new Set(["node", "import", "module-sync", "default"]);

/**
 * URL of a package's module, looked for from the base directory upwards, then from this app.
 * @returns undefined when it is not installed, or does not export that
 */
export function resolvePackage(specifier: string, baseDirectory: string): string | undefined {
  if (specifier.length > 214 || !PACKAGE_NAME.test(specifier)) return undefined;
  const places = [pathToFileURL(resolve(baseDirectory, "config.yaml")).href, import.meta.url];
  for (const place of places) {
    const file = resolveFrom(specifier, place);
    if (file !== undefined) return pathToFileURL(file).href;
  }
  return undefined;
}

function resolveFrom(specifier: string, place: string): string | undefined {
  const parts = specifier.split("/");
  const length = specifier.startsWith("@") ? 2 : 1;
  const name = parts.slice(0, length).join("/");
  const subpath = [".", ...parts.slice(length)].join("/");
  const manifestFile = packageJson(name, place);
  if (manifestFile === undefined) return undefined;
  const manifest: unknown = readJson(manifestFile);
  if (!isJsonObject(manifest)) return undefined;
  const root = dirname(manifestFile);
  const target = targetOf(manifest, subpath);
  if (target === undefined) return undefined;
  const file = resolve(root, target);
  return file.startsWith(root + sep) ? file : undefined;
}

function packageJson(name: string, place: string): string | undefined {
  try {
    return findPackageJSON(name, place);
  } catch {
    return undefined;
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

function targetOf(manifest: Readonly<Record<string, unknown>>, subpath: string): string | undefined {
  const { exports: exported, main } = manifest;
  if (exported === undefined || exported === null) {
    if (subpath !== ".") return subpath;
    return typeof main === "string" ? main : "index.js";
  }
  const isMap = isJsonObject(exported) && Object.keys(exported).some((key) => key.startsWith("."));
  if (isMap) return Object.hasOwn(exported, subpath) ? matching(exported[subpath]) : undefined;
  return subpath === "." ? matching(exported) : undefined;
}

/** The first target whose condition holds, in the order of the file. */
function matching(target: unknown): string | undefined {
  if (typeof target === "string") return target.startsWith("./") ? target : undefined;
  const candidates = Array.isArray(target)
    ? target
    : Object.entries(isJsonObject(target) ? target : {}).flatMap(([condition, value]) =>
        CONDITIONS.has(condition) ? [value] : [],
      );
  for (const candidate of candidates) {
    const found = matching(candidate);
    if (found !== undefined) return found;
  }
  return undefined;
}
