import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { defineConfig, type Plugin } from "rolldown";

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly license?: string;
}

function readManifest(folder: string): Manifest {
  const file = join(folder, "package.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Manifest) : {};
}

/** The folder of the npm package that a module belongs to. */
function packageFolder(module: string): string {
  let folder = dirname(module);
  while (readManifest(folder).name === undefined) folder = dirname(folder);
  return folder;
}

/** The bundle contains other people's work; their licences ask that their text goes with it. */
function thirdPartyLicenses(): Plugin {
  return {
    name: "third-party-licenses",
    generateBundle(_options, bundle): void {
      const modules = Object.values(bundle).flatMap((output) => (output.type === "chunk" ? output.moduleIds : []));
      const foreign = modules.filter((module) => isAbsolute(module) && module.includes("node_modules"));
      const texts = [...new Set(foreign.map(packageFolder))].toSorted().map((folder) => {
        const { name, version, license } = readManifest(folder);
        const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
        const text = file === undefined ? "" : readFileSync(join(folder, file), "utf8").trim();
        return `${name} ${version} (${license ?? "see below"})\n\n${text}`.trim();
      });
      this.emitFile({ type: "asset", fileName: "THIRD-PARTY-LICENSES.txt", source: `${texts.join("\n\n---\n\n")}\n` });
    },
  };
}

const BUILT_IN = "\0built-in:";

/** An import statement would read every export of a module of Node, and so load what nobody uses: 3 MB of memory each. */
function unreadBuiltIns(): Plugin {
  return {
    name: "unread-built-ins",
    // The bundler's own runtime has node:module.
    resolveId: { filter: { id: /^node:(?!module$)/ }, handler: (id) => BUILT_IN + id },
    load: {
      filter: { id: /^\0built-in:/ },
      handler: (id) => `module.exports = process.getBuiltinModule(${JSON.stringify(id.slice(BUILT_IN.length))});`,
    },
  };
}

export default defineConfig({
  input: { "pod-secrets-fetch": "src/main.ts" },
  platform: "node",
  resolve: { conditionNames: ["@pod-secrets/source", "node", "import", "default"] },
  plugins: [unreadBuiltIns(), thirdPartyLicenses()],
  output: {
    // Beside what tsc makes of the library.
    dir: "dist/bin",
    cleanDir: true,
    format: "esm",
    // One file, and nothing to look for on a disk that is slow.
    codeSplitting: false,
    entryFileNames: "[name].mjs",
    comments: { legal: false },
    minify: true,
    // Stack traces and error names stay readable.
    keepNames: true,
  },
});
