/** What of the Kubernetes client is shipped, and what it costs a process that talks to a cluster. */
import { basename } from "node:path";
import { expect, test } from "vitest";

import { builtCommand, runBuilt } from "../cli/built-command.ts";
import { kubeconfigFile, kubeconfigOf, startDouble, json } from "./api-double.ts";

const command = builtCommand();

test("only its loading of kubeconfigs is shipped: neither the models nor another HTTP client", () => {
  const modules = [...command().contents.values()].flat().filter((module) => module.includes("node_modules"));
  const client = modules.filter((module) => module.includes("@kubernetes/client-node"));
  expect(client.filter((module) => module.endsWith("/config.js"))).toHaveLength(1);
  expect(client.filter((module) => module.includes("/gen/models/"))).toEqual([]);
  expect(modules.filter((module) => /\/undici\/lib\//.test(module))).toEqual([]);
});

test("a pod's service account is used without it", async () => {
  const { contents, program } = command();
  const chunksWith = (part: string): readonly string[] =>
    [...contents].filter(([, modules]) => modules.some((module) => module.includes(part))).map(([chunk]) => chunk);
  const client = chunksWith("@kubernetes/client-node");
  const [opening = ""] = chunksWith("/kubernetes/service-account.ts");
  expect(client).not.toEqual([]);
  const trace = `
    const loaded = [];
    process.getBuiltinModule("module").registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
    import(${JSON.stringify(program.replace("main.mjs", opening))}).then(() => console.log(loaded.join("\\n")));`;
  const { stdout } = await runBuilt("-e", [trace]);
  const loaded = stdout
    .trim()
    .split("\n")
    .map((url) => basename(url));
  expect(loaded).toContain(opening);
  expect(loaded.filter((chunk) => client.includes(chunk))).toEqual([]);
});

test("a command that asks the API server works as it is shipped, with a command for credentials", async () => {
  const double = await startDouble((_, response) => json(response, 404, { reason: "NotFound" }));
  const credential = JSON.stringify({ status: { token: "made" } });
  const exec = { command: process.execPath, args: ["-e", `console.log(${JSON.stringify(credential)})`] };
  const server = `https://127.0.0.1:${double.port}`;
  const kubeconfig = kubeconfigFile(kubeconfigOf({ server, ca: double.ca, user: { exec }, namespace: "flyte" }));
  const config = kubeconfigFile(`kubernetes: { kubeconfig: ${JSON.stringify(kubeconfig)} }\n`);
  expect(await runBuilt(command().program, ["unregister", "--config", config])).toEqual({
    exit: 0,
    stdout: "",
    stderr: "MutatingWebhookConfiguration flyte-pod-webhook: not there\n",
  });
  expect(double.asked[0]?.headers.authorization).toBe("Bearer made");
});
