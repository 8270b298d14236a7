/** Plugins of a test: JavaScript in a folder, loaded as those of a user are. */
import type { ConfigFolder } from "../config/config-folder.ts";

/** Fields of a plugin as source code, so that a test can leave one out or replace it. */
const PLUGIN_FIELDS: Readonly<Record<string, string>> = {
  apiVersion: "1",
  name: '"acme"',
  meta: '{ summary: "Acme.", group: "vault", key: "item", mounts: ["FILE"], stability: "beta" }',
  options: '{ "~standard": { version: 1, vendor: "acme", validate: (value) => ({ value }) } }',
  create: '() => ({ name: "acme", inject: () => ({ outcome: "skipped", reason: "empty" }) })',
};

/** Source code of a module with a plugin; a field that is undefined is left out. */
export function pluginSource(changes: Readonly<Record<string, string | undefined>> = {}): string {
  const fields = Object.entries({ ...PLUGIN_FIELDS, ...changes }).flatMap(([key, value]) =>
    value === undefined ? [] : [`  ${key}: ${value},`],
  );
  return `export default {\n${fields.join("\n")}\n};\n`;
}

/** Installs a package into the folder's node_modules. */
export function installPackage(
  folder: ConfigFolder,
  name: string,
  manifest: Readonly<Record<string, unknown>>,
  files: Readonly<Record<string, string>>,
): void {
  folder.write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: "1.0.0", ...manifest }));
  for (const [file, content] of Object.entries(files)) folder.write(`node_modules/${name}/${file}`, content);
}
