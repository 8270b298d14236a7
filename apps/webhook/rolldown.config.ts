import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { defineConfig, type Plugin } from "rolldown";

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly license?: string;
}

/** The folder of the npm package that a module belongs to. */
function packageFolder(module: string): string {
  let folder = dirname(module);
  while (readManifest(folder).name === undefined) folder = dirname(folder);
  return folder;
}

function readManifest(folder: string): Manifest {
  const file = join(folder, "package.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Manifest) : {};
}

/** The bundle contains other people's work; most of their licences ask that their text goes with it. */
function thirdPartyLicenses(): Plugin {
  return {
    name: "third-party-licenses",
    generateBundle(_options, bundle): void {
      const modules = Object.values(bundle).flatMap((output) => (output.type === "chunk" ? output.moduleIds : []));
      const foreign = modules.filter((module) => isAbsolute(module) && module.includes("node_modules"));
      const texts = new Map<string, string>();
      for (const folder of new Set(foreign.map(packageFolder))) {
        const { name, version, license } = readManifest(folder);
        const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
        const text = file === undefined ? "" : readFileSync(join(folder, file), "utf8").trim();
        texts.set(`${name} ${version}`, `${name} ${version} (${license ?? "see below"})\n\n${text}`.trim());
      }
      const sorted = [...texts.keys()].toSorted().map((key) => texts.get(key));
      this.emitFile({ type: "asset", fileName: "THIRD-PARTY-LICENSES.txt", source: `${sorted.join("\n\n---\n\n")}\n` });
    },
  };
}

/** Parts of libraries that nothing here calls, and that cost memory and time at the start. */
const LEFT_OUT = [
  // Loads node:http, and with it undici.
  /[\\/]prom-client[\\/]lib[\\/](pushgateway|cluster|defaultMetrics|summary)\.js$/,
  // pino's transports run in worker threads.
  /[\\/]thread-stream[\\/]index\.js$/,
  // The Kubernetes client's own requests; ours go through node:https.
  /[\\/]undici[\\/]index\.js$/,
];

function leaveOut(): Plugin {
  return {
    name: "leave-out",
    load: {
      filter: { id: LEFT_OUT },
      handler: () => "module.exports = {};",
    },
  };
}

/** The Kubernetes client, and what it connects with. */
const CONNECTING = /[\\/]node_modules[\\/](@kubernetes[\\/]client-node|hpagent|agent-base|socks-proxy-agent)[\\/]/;
const BUILT_IN = "\0built-in:";

/** An import statement would read every export of node:http, and so load undici for its `WebSocket`: 5 MB. */
function unreadBuiltIns(): Plugin {
  return {
    name: "unread-built-ins",
    resolveId: {
      filter: { id: /^(node:)?https?$/ },
      handler: (id, importer) => (CONNECTING.test(importer ?? "") ? BUILT_IN + id : null),
    },
    load: {
      filter: { id: /^\0built-in:/ },
      handler: (id) => `module.exports = process.getBuiltinModule(${JSON.stringify(id.slice(BUILT_IN.length))});`,
    },
  };
}

/**
 * V8 keeps the text of a module while its process lives, at two bytes a letter when one of them is beyond U+00FF: for
 * twenty such letters, half a megabyte. They stand in texts and regular expressions, where an escape means the same.
 */
function asciiOnly(): Plugin {
  const escaped = (letter: string): string => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return {
    name: "ascii-only",
    // After the minifier, which writes letters.
    generateBundle(_options, bundle): void {
      for (const output of Object.values(bundle))
        if (output.type === "chunk") output.code = output.code.replaceAll(/[^\0-\x7f]/g, escaped);
    },
  };
}

/** Of the Kubernetes client only the loading of kubeconfigs is used; nothing happens as its models are loaded. */
const UNUSED_MODELS = { test: /[\\/]@kubernetes[\\/]client-node[\\/]/, sideEffects: false };

export default defineConfig({
  input: {
    main: "src/main.ts",
    // Started as a process of its own, by the name of its file.
    "self-signed-process": "src/certificates/self-signed-process.ts",
  },
  platform: "node",
  resolve: { conditionNames: ["@pod-secrets/source", "node", "import", "default"] },
  treeshake: { moduleSideEffects: [UNUSED_MODELS] },
  plugins: [leaveOut(), unreadBuiltIns(), asciiOnly(), thirdPartyLicenses()],
  output: {
    dir: "dist",
    // A chunk of an older build would be published with the new one.
    cleanDir: true,
    format: "esm",
    entryFileNames: "[name].mjs",
    chunkFileNames: "[name]-[hash].mjs",
    comments: { legal: false },
    minify: true,
    // Stack traces and error names stay readable.
    keepNames: true,
  },
});
