/** Faults of the plugin object, of its answers and of its life. */
import { injected, refused, skipped, type InjectorPlugin } from "@pod-secrets/core";

import { brokenInjector, brokenPlugin, type Broken } from "./broken.ts";

/** Timers that a broken injector left running, for the test to stop. */
export const TIMERS: NodeJS.Timeout[] = [];

/** A schema that takes whatever comes. */
const ANYTHING: InjectorPlugin["options"] = {
  "~standard": { version: 1, vendor: "by-hand", validate: (value: unknown) => ({ value }) },
};

export const BROKEN_PLUGINS: readonly Broken[] = [
  brokenPlugin(
    { fault: "another version of the contract", by: "plugin/contract", says: /apiVersion is 2/ },
    (plugin) => ({
      ...plugin,
      apiVersion: 2 as 1,
    }),
  ),
  brokenPlugin({ fault: "a name with capitals", by: "plugin/contract", says: /name is "Sample"/ }, (plugin) => ({
    ...plugin,
    name: "Sample",
  })),
  brokenPlugin({ fault: "no schema", by: "plugin/contract", says: /no Standard Schema/ }, (plugin) => ({
    ...plugin,
    options: {} as typeof plugin.options,
  })),
  brokenPlugin({ fault: "no word on what group means", by: "plugin/meta", says: /meta.group is empty/ }, (plugin) => ({
    ...plugin,
    meta: { ...plugin.meta, group: " " },
  })),
  brokenPlugin({ fault: "no mount requirement", by: "plugin/meta", says: /meta.mounts is empty/ }, (plugin) => ({
    ...plugin,
    meta: { ...plugin.meta, mounts: [] },
  })),
  brokenPlugin({ fault: "an error code of somebody else", by: "plugin/errors", says: /is not sample\// }, (plugin) => ({
    ...plugin,
    errors: { "other/thing": { summary: "x", why: "x", fix: "X." } },
  })),
  brokenPlugin({ fault: "an error without a fix", by: "plugin/errors", says: /fix is not one line/ }, (plugin) => ({
    ...plugin,
    errors: { "sample/thing": { summary: "x", why: "x", fix: "" } },
  })),
  brokenPlugin({ fault: "unknown options pass", by: "plugin/options", says: /an unknown option passes/ }, (plugin) => ({
    ...plugin,
    options: ANYTHING,
  })),
  brokenPlugin(
    { fault: "the message keeps the option to itself", by: "plugin/options", says: /does not name it/ },
    (plugin) => ({
      ...plugin,
      options: {
        "~standard": {
          version: 1,
          vendor: "by-hand",
          validate: (value: unknown) =>
            Object.keys(value as object).length > 1 ? { issues: [{ message: "wrong" }] } : { value },
        },
      },
    }),
  ),
  brokenPlugin({ fault: "an injector of another name", by: "plugin/injector", says: /use one name/ }, (plugin) => ({
    ...plugin,
    create: async (options, host) => ({ ...(await plugin.create(options, host)), name: "example" }),
  })),
  brokenPlugin(
    { fault: "a timer that nobody stops", by: "lifecycle/dispose", says: /still open: Timeout/ },
    (plugin) => ({
      ...plugin,
      create: (options, host) => {
        const timer = setInterval(() => {}, 3_600_000).unref();
        TIMERS.push(timer);
        return plugin.create(options, host);
      },
    }),
  ),
  brokenInjector(
    { fault: "a secret that it should have is skipped", by: "answers/injects", says: /should be injected/ },
    (good) => (pod, request, context) =>
      request.mountRequirement === "FILE" ? skipped("no") : good.inject(pod, request, context),
  ),
  brokenInjector(
    { fault: "a path without an answer", by: "answers/injects", says: /inject returned undefined/ },
    (good) => (pod, request, context) =>
      request.mountRequirement === "FILE" ? (undefined as never) : good.inject(pod, request, context),
  ),
  brokenInjector(
    { fault: "an outcome of its own", by: "answers/injects", says: /the outcome is "done"/ },
    () => () => ({ outcome: "done" }) as never,
  ),
  brokenInjector(
    { fault: "what it has not is refused", by: "answers/skips", says: /should be skipped/ },
    (good) => (pod, request, context) => {
      const injection = good.inject(pod, request, context);
      return "outcome" in injection && injection.outcome === "skipped"
        ? refused("E_NOT_INJECTED", injection.reason, "Ask another manager.")
        : injection;
    },
  ),
  brokenInjector(
    {
      fault: "another code than the documented one",
      by: "answers/refuses",
      says: /should be refused with sample\/forbidden-group/,
    },
    (good) => (pod, request, context) =>
      request.group === "operator" ? refused("E_KEY_REQUIRED", "no", "Do it.") : good.inject(pod, request, context),
  ),
  brokenInjector(
    { fault: "a code in no catalogue", by: "answers/refuses", says: /E_WHATEVER is no code/ },
    (good) => (pod, request, context) =>
      request.group === "operator"
        ? refused("E_WHATEVER" as "E_REVIEW", "no", "Do it.")
        : good.inject(pod, request, context),
  ),
  brokenInjector(
    { fault: "a reason of two lines", by: "answers/skips", says: /holds a line break/ },
    (good) => (pod, request, context) => (request.key === "" ? skipped("no\nkey") : good.inject(pod, request, context)),
  ),
  brokenInjector(
    { fault: "a very long reason", by: "answers/skips", says: /takes 400 characters/ },
    (good) => (pod, request, context) =>
      request.key === "" ? skipped("x".repeat(400)) : good.inject(pod, request, context),
  ),
  brokenInjector(
    { fault: "a fix that is no sentence", by: "answers/refuses", says: /no full sentence/ },
    (good) => (pod, request, context) =>
      request.group === "operator"
        ? refused("sample/forbidden-group", "no", "other group")
        : good.inject(pod, request, context),
  ),
  brokenInjector(
    { fault: "ANY is not served", by: "answers/mount-requirements", says: /should be injected/ },
    (good) => (pod, request, context) =>
      request.mountRequirement === "ANY" ? skipped("say how") : good.inject(pod, request, context),
  ),
  brokenPlugin(
    {
      fault: "it declares what its author does not try",
      by: "answers/mount-requirements",
      says: /declares ENV_VAR, and no request/,
      sample: "fetcher",
    },
    (plugin) => ({
      ...plugin,
      meta: { ...plugin.meta, mounts: ["FILE", "ENV_VAR"] },
    }),
  ),
  brokenPlugin(
    {
      fault: "it gives what it does not declare",
      by: "answers/other-mount-requirements",
      says: /does not declare ENV_VAR/,
    },
    (plugin) => ({
      ...plugin,
      meta: { ...plugin.meta, mounts: ["FILE"] },
    }),
  ),
  brokenPlugin(
    {
      fault: "it gives what its options do not let it give",
      by: "answers/other-mount-requirements",
      says: /does not declare ENV_VAR/,
      cases: { mounts: ["FILE"] },
    },
    (plugin) => plugin,
  ),
  brokenInjector(
    {
      fault: "hostile names make it throw an ordinary error",
      by: "hostile-names/errors",
      says: /no SecretError: "URIError/,
    },
    (good) => (pod, request, context) => {
      decodeURIComponent(request.key);
      return good.inject(pod, request, context);
    },
  ),
  brokenInjector(
    { fault: "hostile names are repeated as they are", by: "hostile-names/errors", says: /use|quoted\(\)/ },
    (good) => (pod, request, context) => {
      const injection = good.inject(pod, request, context);
      return "outcome" in injection && injection.outcome === "skipped" ? skipped(`no key ${request.key}`) : injection;
    },
  ),
  brokenInjector(
    { fault: "it does nothing, and says that it did", by: "lookup/flytekit", says: /does not find its secret/ },
    () => (pod) => injected(pod),
  ),
];
