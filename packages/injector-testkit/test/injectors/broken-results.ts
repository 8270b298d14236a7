/** Faults of what an injector makes of a pod. */
import { readFileSync } from "node:fs";

import { addEnv, createNaming, injected, skipped, type EnvVar, type SecretRequest } from "@pod-secrets/core";

import { annotate, brokenInjector, brokenPlugin, brokenResult, remap, respec, type Broken } from "./broken.ts";

export const BROKEN_RESULTS: readonly Broken[] = [
  // Determinism
  brokenResult({ fault: "a random id", by: "determinism/same-bytes", says: /depends on chance/ }, (pod) =>
    annotate(pod, "example.com/id", crypto.randomUUID()),
  ),
  brokenResult({ fault: "the time of day", by: "determinism/same-bytes", says: /depends on chance/ }, (pod) =>
    annotate(pod, "example.com/at", new Date().toISOString().slice(0, 10)),
  ),
  brokenInjector(
    { fault: "a count of all pods so far", by: "determinism/same-bytes", says: /earlier pods/ },
    (good) => {
      let served = 0;
      return (pod, request, context) => {
        const injection = good.inject(pod, request, context);
        served++;
        return "outcome" in injection && injection.outcome === "injected"
          ? injected(annotate(injection.pod, "example.com/served", `${served}`))
          : injection;
      };
    },
  ),
  // Idempotence
  brokenResult(
    { fault: "one more init container each time", by: "idempotence/second-admission", says: /changes the pod again/ },
    (pod) =>
      respec(pod, ({ initContainers }) => ({
        initContainers: [
          ...(initContainers ?? []),
          { name: `pull-${initContainers?.length ?? 0}`, image: "example.com/pull:1" },
        ],
      })),
  ),
  brokenResult(
    {
      fault: "an init container that is compared to the letter",
      by: "idempotence/after-defaulting",
      says: /the second admission/,
    },
    (pod) => {
      const wanted = { name: "pull", image: "example.com/pull:1" };
      return respec(pod, ({ initContainers }) => {
        const list = initContainers ?? [];
        const isThere = list.some((container) => JSON.stringify(container) === JSON.stringify(wanted));
        return isThere
          ? {}
          : {
              initContainers: [
                ...list,
                { ...wanted, name: list.some(({ name }) => name === "pull") ? "pull-again" : "pull" },
              ],
            };
      });
    },
  ),
  brokenResult(
    { fault: "a volume for each request", by: "idempotence/same-secret-twice", says: /second time changes the pod/ },
    (pod, request) =>
      respec(pod, ({ volumes }) => {
        const name = `for-${request.source.slice("flyte.secrets/".length)}`;
        return (volumes ?? []).some((volume) => volume.name === name)
          ? {}
          : { volumes: [...(volumes ?? []), { name, emptyDir: {} }] };
      }),
  ),
  // Purity
  brokenInjector(
    { fault: "it writes to the pod that it gets", by: "purity/arguments", says: /writes to what it was given/ },
    (good) => (pod, request, context) => {
      (pod as { kind: string }).kind = "Pod";
      return good.inject(pod, request, context);
    },
  ),
  brokenInjector(
    {
      fault: "it writes to the pod, and nobody tells it off",
      by: "purity/arguments",
      says: /changed what it was given/,
    },
    (good) => (pod, request, context) => {
      // As sloppy code does: without an error where the pod is frozen.
      Reflect.set(pod, "touched", true);
      return good.inject(pod, request, context);
    },
  ),
  brokenInjector(
    { fault: "it writes to the request", by: "purity/arguments", says: /writes to what it was given/ },
    (good) => (pod, request, context) => {
      (request as { group: string }).group = request.group.trim();
      return good.inject(pod, request, context);
    },
  ),
  brokenInjector(
    { fault: "it reads a file", by: "purity/io", says: /touches fs\.readFileSync/ },
    (good) => (pod, request, context) => {
      readFileSync(import.meta.filename);
      return good.inject(pod, request, context);
    },
  ),
  brokenInjector(
    { fault: "it waits", by: "purity/io", says: /touches globalThis\.setTimeout/ },
    (good) => async (pod, request, context) => {
      await new Promise((resolve) => {
        setTimeout(resolve, 0);
      });
      return good.inject(pod, request, context);
    },
  ),
  brokenPlugin(
    { fault: "it reads at the admission, each time anew", by: "purity/io", says: /setTimeout.*; keep what was read/ },
    (plugin) => ({
      ...plugin,
      meta: { ...plugin.meta, readsAtAdmission: true },
      create: async (options, host) => {
        const good = await plugin.create(options, host);
        return {
          ...good,
          inject: async (pod, request, context) => {
            await new Promise((resolve) => {
              setTimeout(resolve, 0);
            });
            return good.inject(pod, request, context);
          },
        };
      },
    }),
  ),
  brokenInjector(
    { fault: "it asks a server", by: "purity/io", says: /touches globalThis\.fetch/ },
    (good) => async (pod, request, context) => {
      await fetch("data:,").catch(() => {});
      return good.inject(pod, request, context);
    },
  ),
  brokenInjector(
    { fault: "it reads the environment", by: "purity/io", says: /touches process\.env\.SAMPLE_MODE/ },
    (good) => (pod, request, context) =>
      process.env["SAMPLE_MODE"] === "off" ? skipped("it is off") : good.inject(pod, request, context),
  ),
  brokenInjector(
    { fault: "it prints", by: "purity/io", says: /touches console\.debug/ },
    (good) => (pod, request, context) => {
      console.debug("it prints");
      return good.inject(pod, request, context);
    },
  ),
  // Where the task looks
  brokenInjector(
    {
      fault: "paths keep their capitals",
      by: "lookup/flytekit",
      says: /the files will be .*Password/,
      sample: "fetcher",
    },
    (good) => (pod, request, context) =>
      good.inject(pod, request, {
        ...context,
        naming: { ...context.naming, filePath: ({ group, key }) => `${context.naming.mountRoot}/${group}/${key}` },
      }),
  ),
  brokenInjector(
    { fault: "it knows only one mount root", by: "lookup/flytekit", says: /no volume is mounted there/ },
    (good) => (pod, request, context) =>
      good.inject(pod, request, {
        ...context,
        naming: { ...createNaming(context.profile), lookup: context.naming.lookup },
      }),
  ),
  brokenInjector(
    { fault: "env_var is ignored", by: "lookup/env-var", says: /lacks env var MY_SECRET/ },
    (good) => (pod, request, context) => good.inject(pod, { ...request, envVar: "" }, context),
  ),
  brokenResult(
    { fault: "containers without env are forgotten", by: "lookup/any-pod", says: /does not find its secret/ },
    (pod, _request, _context, original) =>
      remap(pod, (container) => {
        const before = original.spec?.containers.find(({ name }) => name === container.name);
        return before?.env === null ? before : container;
      }),
  ),
  // What the user wrote
  brokenResult({ fault: "a privileged container", by: "user-content/injection-check", says: /it / }, (pod) =>
    respec(pod, ({ initContainers }) => ({
      initContainers: [...(initContainers ?? []), { name: "root", image: "x", securityContext: { privileged: true } }],
    })),
  ),
  brokenResult({ fault: "another image", by: "user-content/injection-check", says: /it / }, (pod) =>
    remap(pod, (container) => ({ ...container, image: "example.com/wrapped:1" })),
  ),
  brokenResult(
    {
      fault: "fields that it does not know are dropped",
      by: "user-content/untouched",
      says: /fieldOfTheFuture of the user's pod is gone/,
    },
    (pod) => respec({ ...pod, spec: { containers: pod.spec?.containers ?? [], ...knownFields(pod.spec) } }, () => ({})),
  ),
  brokenResult(
    { fault: "env vars are sorted", by: "user-content/untouched", says: /env\.\d+ of the user's pod is gone/ },
    (pod) =>
      remap(pod, (container) => ({
        ...container,
        env: (container.env ?? []).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      })),
  ),
  brokenResult({ fault: "the pod is cloned", by: "user-content/shared", says: /is a copy without a change/ }, (pod) =>
    structuredClone(pod),
  ),
  brokenResult(
    { fault: "a label", by: "user-content/places", says: /the patch has add \/metadata\/labels/ },
    (pod) => ({
      ...pod,
      metadata: { ...pod.metadata, labels: { ...pod.metadata?.labels, "example.com/injected": "true" } },
    }),
  ),
  // The patch
  brokenResult({ fault: "a date, which is no JSON", by: "patch/applies", says: /no JSON/ }, (pod) =>
    annotate(pod, "example.com/at", new Date(0) as unknown as string),
  ),
  brokenResult({ fault: "lists are turned around", by: "patch/minimal", says: /operations for|sends again/ }, (pod) =>
    remap(pod, (container) => ({ ...container, env: (container.env ?? []).toReversed() })),
  ),
  brokenResult({ fault: "two containers of one name", by: "patch/valid-pod", says: /would refuse the pod/ }, (pod) =>
    respec(pod, ({ initContainers }) => ({
      initContainers: [...(initContainers ?? []), { name: "main-0", image: "x" }],
    })),
  ),
  brokenResult(
    { fault: "a volume name of 70 characters", by: "patch/valid-pod", says: /would refuse the pod/ },
    (pod) => respec(pod, ({ volumes }) => ({ volumes: [...(volumes ?? []), { name: "v".repeat(70), emptyDir: {} }] })),
  ),
  // Hostile names
  brokenInjector(
    { fault: "names of Secrets are not checked", by: "hostile-names/valid-pod", says: /invalid name/ },
    (good) => (pod, request, context) =>
      request.mountRequirement === "ENV_VAR"
        ? injected(addEnv(pod, context, [unchecked(request)]))
        : good.inject(pod, request, context),
  ),
  brokenResult(
    {
      fault: "the group in a container name",
      by: "hostile-names/identifiers",
      says: /in the container name/,
      sample: "fetcher",
    },
    (pod, { group }) =>
      respec(pod, ({ initContainers }) => ({
        initContainers: [
          ...(initContainers ?? []),
          { name: `pull-${group.toLowerCase().replaceAll(/[^a-z0-9]/g, "")}x`, image: "x" },
        ],
      })),
  ),
  brokenResult(
    { fault: "the key in a shell script", by: "hostile-names/identifiers", says: /in the command/, sample: "fetcher" },
    (pod, { key }) =>
      respec(pod, ({ initContainers }) => ({
        initContainers: [
          ...(initContainers ?? []),
          { name: "pull", image: "x", command: ["sh", "-ec", `get '${key}'`] },
        ],
      })),
  ),
  brokenResult(
    { fault: "the key as an option", by: "hostile-names/identifiers", says: /in the command/, sample: "fetcher" },
    (pod, { key }) =>
      /^[\w-]+$/.test(key)
        ? respec(pod, ({ initContainers }) => ({
            initContainers: [...(initContainers ?? []), { name: "pull", image: "x", command: ["get", key] }],
          }))
        : pod,
  ),
  brokenResult(
    { fault: "the key in an image", by: "hostile-names/identifiers", says: /in the image/, sample: "fetcher" },
    (pod, { key }) =>
      respec(pod, ({ initContainers }) => ({
        initContainers: [...(initContainers ?? []), { name: "pull", image: `example.com/${key}` }],
      })),
  ),
  brokenResult(
    {
      fault: "the key in an annotation key",
      by: "hostile-names/identifiers",
      says: /in the annotation key/,
      sample: "fetcher",
    },
    (pod, { key }) => annotate(pod, `example.com/${key.replaceAll(/[^a-zA-Z0-9]/g, "")}`, "x"),
  ),
  brokenInjector(
    { fault: "a key that leads elsewhere", by: "hostile-names/paths", says: /path leads out of the mount root/ },
    (good) => (pod, request, context) =>
      good.inject(pod, { ...request, key: request.key.replaceAll(/[^\w]/g, "_") }, context),
  ),
  brokenResult(
    {
      fault: "a mount path as the user has it",
      by: "hostile-names/paths",
      says: /mount path .* is not/,
      sample: "fetcher",
    },
    (pod, { group }) =>
      remap(pod, (container) => ({
        ...container,
        volumeMounts: [...(container.volumeMounts ?? []), { name: "fetched", mountPath: `/mnt/${group}` }],
      })),
  ),
  brokenResult(
    { fault: "a template without quotes", by: "hostile-names/expansion", says: /quote it/, sample: "fetcher" },
    (pod, { key }) => annotate(pod, "example.com/template", `{{ .Data.${key} }}`),
  ),
  brokenResult(
    { fault: "quotes without escapes", by: "hostile-names/expansion", says: /quote it/, sample: "fetcher" },
    (pod, { group }) => annotate(pod, "example.com/template", `{{ secret "${group}" }}`),
  ),
  brokenResult(
    {
      fault: "a value that the kubelet expands",
      by: "hostile-names/expansion",
      says: /kubelet expand/,
      sample: "fetcher",
    },
    (pod, { key }) =>
      remap(pod, (container) => ({ ...container, env: [...(container.env ?? []), { name: "KEY", value: key }] })),
  ),
  // Conflicts
];

function unchecked({ group, key }: SecretRequest, name = "UNCHECKED"): EnvVar {
  return { name, valueFrom: { secretKeyRef: { name: group, key } } };
}

function knownFields(spec: object | undefined): object {
  return Object.fromEntries(Object.entries(spec ?? {}).filter(([name]) => name !== "fieldOfTheFuture"));
}
