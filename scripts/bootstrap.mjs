/**
 * Runs a command of this repository on a machine that has only npm and some Node from 20 on.
 *
 *   node scripts/bootstrap.mjs [--build] [--here] [COMMAND [ARGS...]]
 *
 * It gets the Node and the pnpm that the project names (`.node-version`, `devEngines` of package.json) into
 * `.tools/`, installs the dependencies, with `--build` builds what changed, and becomes the command: a script
 * (`.ts`, `.mjs`) under that Node, anything else from `node_modules/.bin`. `--here` runs it where the caller
 * stood and not at the root. Each step is skipped when nothing changed since the last time.
 *
 * Plain JavaScript without a dependency: it runs before there is anything else. Standard output belongs to the
 * command alone; the talk of this file goes to standard error.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tools = join(root, ".tools");
const colour = process.stderr.isTTY && !process.env.NO_COLOR;

class SetupError extends Error {}

function say(text) {
  process.stderr.write(colour ? `\u001b[2m${text}\u001b[22m\n` : `${text}\n`);
}

/** Starts a process and passes on to it what this one is told. Its exit code; that of a shell after a signal. */
function run(command, args, options) {
  return new Promise((done, failed) => {
    const child = spawn(command, args, options);
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"].map((signal) => {
      // A terminal sends Ctrl-C to the child as well: passed on, it would arrive twice and cut a clean end short.
      const pass = () => (signal === "SIGINT" && process.stdin.isTTY) || child.kill(signal);
      process.on(signal, pass);
      return () => process.off(signal, pass);
    });
    let output = "";
    const collect = (chunk) => (output += chunk);
    child.stdout?.on("data", collect);
    child.stderr?.on("data", collect);
    child.on("error", failed);
    child.on("close", (code, signal) => {
      for (const off of signals) off();
      if (signal !== null) say(`${[command, ...args].join(" ")}: ended by ${signal}`);
      done({ code: signal === null ? code : 128 + constants.signals[signal], output });
    });
  });
}

/** One step of the setup: a line when it starts; when it fails its whole output, and what to do about it. */
async function step(title, command, args, environment, fix) {
  const start = Date.now();
  say(`${title} ...`);
  const { code, output } = await run(command, args, { cwd: root, env: environment, stdio: ["ignore", "pipe", "pipe"] });
  if (code !== 0) throw new SetupError(`${output.trimEnd()}\n${title}: failed (exit code ${code}). ${fix}`);
  say(`${title}: ${((Date.now() - start) / 1000).toFixed(1)} s`);
}

/** Installs one npm package into a folder of its own. It appears under its name only when it is complete. */
async function installTool(name, version, title, fix) {
  const home = join(tools, `${name}-${version}`);
  if (existsSync(home)) return home;
  const partial = `${home}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  const npm = process.env.npm_execpath?.endsWith("npm-cli.js") ? [process.execPath, process.env.npm_execpath] : ["npm"];
  const args = ["install", "--prefix", partial, "--no-save", "--no-audit", "--no-fund", "--loglevel=error"];
  await step(title, npm[0], [...npm.slice(1), ...args, `${name}@${version}`], process.env, fix);
  renameSync(partial, home);
  return home;
}

/** The Node to use: the running one when it is new enough. */
async function findNode() {
  const version = readFileSync(join(root, ".node-version"), "utf8").trim();
  if (Number.parseInt(process.versions.node, 10) >= Number.parseInt(version, 10)) return process.execPath;
  const platform = process.platform === "win32" ? "win" : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const fix = `See whether npm reaches its registry, or install Node ${version} or newer yourself.`;
  const home = await installTool(name, version, `Getting Node ${version}`, fix);
  return join(home, "node_modules", name, "bin", process.platform === "win32" ? "node.exe" : "node");
}

/** The folder that holds the `pnpm` command. */
async function findPnpm() {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).devEngines.packageManager;
  const fix = "See whether npm reaches its registry.";
  return join(await installTool("pnpm", version, `Getting pnpm ${version}`, fix), "node_modules", ".bin");
}

/** The folders of packages that are built. */
const BUILT = ["packages", "apps"];

function workspaceFolders(parents = [...BUILT, "e2e"]) {
  return parents.flatMap((parent) => {
    const folder = join(root, parent);
    return existsSync(folder)
      ? readdirSync(folder)
          .toSorted()
          .map((name) => join(folder, name))
      : [];
  });
}

/** What the installation depends on: the lock file, the settings, and every package.json. */
function installKey() {
  const hash = createHash("sha256");
  const files = [root, ...workspaceFolders()].map((folder) => join(folder, "package.json"));
  for (const file of [join(root, "pnpm-lock.yaml"), join(root, "pnpm-workspace.yaml"), ...files]) {
    hash.update(`${file}\0`);
    if (existsSync(file)) hash.update(readFileSync(file));
  }
  return hash.digest("hex");
}

/** What the build depends on. By time and size, not by content: it is asked before every command. */
function buildKey() {
  const hash = createHash("sha256").update(installKey());
  const add = (path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return;
    if (stat.isDirectory()) for (const name of readdirSync(path).toSorted()) add(join(path, name));
    else hash.update(`${path}\0${stat.mtimeMs}\0${stat.size}\0`);
  };
  add(join(root, "tsconfig.base.json"));
  for (const folder of workspaceFolders(BUILT))
    for (const name of ["src", "tsconfig.build.json", "rolldown.config.ts"]) add(join(folder, name));
  return hash.digest("hex");
}

function readStamp(name) {
  const file = join(tools, name);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Two commands started together must not install or build at the same time. */
async function withLock(work) {
  mkdirSync(tools, { recursive: true });
  const lock = join(tools, "lock");
  for (let told = false; ;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const owner = Number(readStamp("lock"));
    if (owner > 0 && !isRunning(owner)) rmSync(lock, { force: true });
    else if (!told) {
      say(`Waiting for process ${owner}, which sets up the repository (if it does not: remove .tools/lock) ...`);
      told = true;
    }
    await new Promise((wake) => setTimeout(wake, 100));
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function environmentFor(node, pnpm) {
  const path = [dirname(node), join(root, "node_modules", ".bin"), pnpm, process.env.PATH].join(delimiter);
  return { ...process.env, PATH: path, TURBO_TELEMETRY_DISABLED: "1", TURBO_NO_UPDATE_NOTIFIER: "1" };
}

/** Node, pnpm, the dependencies and the build. `pnpm` itself needs no dependencies: it may be there to mend them. */
async function setUp(command, build) {
  const node = await findNode();
  const environment = environmentFor(node, await findPnpm());
  if (command === "pnpm") return { node, environment };
  const installed = installKey();
  if (readStamp("installed") !== installed || !existsSync(join(root, "node_modules"))) {
    // CI=true: pnpm asks no questions.
    const quiet = { ...environment, CI: "true" };
    const fix = "After a change of a package.json: node scripts/bootstrap.mjs pnpm install";
    await step("Installing dependencies", "pnpm", ["install", "--frozen-lockfile"], quiet, fix);
    writeFileSync(join(tools, "installed"), installed);
  }
  const built = build ? buildKey() : undefined;
  const isMissing = (folder) => !existsSync(join(folder, "dist"));
  if (build && (readStamp("built") !== built || workspaceFolders(BUILT).some(isMissing))) {
    await step("Building", "turbo", ["run", "build", "--output-logs=errors-only"], environment, "See above.");
    writeFileSync(join(tools, "built"), built);
  }
  return { node, environment };
}

async function main() {
  const args = process.argv.slice(2);
  const flags = [];
  while (args[0]?.startsWith("--")) flags.push(args.shift());
  const [command, ...rest] = args;
  const { node, environment } = await withLock(() => setUp(command, flags.includes("--build")));
  if (command === undefined) return 0;

  const cwd = (flags.includes("--here") && process.env.INIT_CWD) || root;
  const options = { cwd, env: environment, stdio: "inherit" };
  const isScript = /\.(ts|mjs)$/.test(command);
  if (!isScript) return (await run(command, rest, options)).code;
  const conditions = command.endsWith(".ts") ? ["--conditions=@pod-secrets/source"] : [];
  return (await run(node, [...conditions, join(root, command), ...rest], options)).code;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof SetupError) && error.code !== "ENOENT") throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
