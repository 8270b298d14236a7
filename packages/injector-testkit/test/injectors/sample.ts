/** A small injector that does everything right: keys of Secrets as env vars or files. */
import {
  addEnv,
  addFileLookup,
  addMount,
  addSecretItem,
  defineInjector,
  envPrefixVar,
  injected,
  isConfigKey,
  isDnsSubdomain,
  refused,
  skipped,
  type Injection,
  type InjectionContext,
  type InjectorPlugin,
  type Pod,
  type SecretRequest,
} from "@pod-secrets/core";

import type { InjectorCases } from "../../src/index.ts";

interface SampleOptions {
  readonly optional: boolean;
}

interface Issue {
  readonly message: string;
  readonly path?: readonly string[];
}

type Checked = { readonly value: SampleOptions } | { readonly issues: readonly Issue[] };

/** A Standard Schema by hand: the suite must not depend on one library. */
function validate(input: unknown): Checked {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    return { issues: [{ message: "the options are no object" }] };
  }
  const unknown = Object.keys(input).filter((key) => key !== "optional");
  if (unknown.length > 0) return { issues: unknown.map((key) => ({ message: "unknown option", path: [key] })) };
  return { value: { optional: !("optional" in input) || input.optional === true } };
}

export const sampleInjector: InjectorPlugin = defineInjector({
  apiVersion: 1,
  name: "sample",
  meta: {
    summary: "Keys of Kubernetes Secrets.",
    group: "name of the Secret",
    key: "key in the Secret",
    mounts: ["ENV_VAR", "FILE"],
    stability: "experimental",
  },
  options: { "~standard": { version: 1, vendor: "by-hand", validate } },
  errors: {
    "sample/forbidden-group": {
      summary: "The group is forbidden",
      why: "It belongs to the operator.",
      fix: "Use another group.",
    },
  },
  create: (options) => ({
    name: "sample",
    inject: (pod, request, context) => inject(pod, request, context, options as SampleOptions),
  }),
});

export const SAMPLE_CASES: InjectorCases = {
  options: { optional: true },
  injects: [
    { group: "user-info", key: "password", mountRequirement: "FILE" },
    { group: "user-info", key: "USER", mountRequirement: "ENV_VAR" },
  ],
  skips: [{ group: "Not_A_Name", key: "k" }, { group: "user-info" }],
  refuses: [{ group: "operator", key: "k", code: "sample/forbidden-group" }],
};

function inject(pod: Pod, request: SecretRequest, context: InjectionContext, { optional }: SampleOptions): Injection {
  const { naming } = context;
  const { key, groupVersion } = request;
  const group = naming.group(request);
  if (group === "operator")
    return refused("sample/forbidden-group", "group operator is forbidden", "Use another group.");
  if (!isDnsSubdomain(group)) return skipped("the group is no name of a Secret", "Use the name of a Secret as group.");
  if (!isConfigKey(key)) return skipped("the key is no key of a Secret");
  if (request.mountRequirement === "ENV_VAR") {
    const valueFrom = { secretKeyRef: { name: group, key, optional } };
    const names = [naming.envName(request), ...(request.envVar === "" ? [] : [request.envVar])];
    return injected(addEnv(pod, context, [...names.map((name) => ({ name, valueFrom })), envPrefixVar(context)]));
  }
  const item = { secretName: group, groupVersion, key, path: naming.fileName(request), optional };
  const { pod: withItem, volumeName } = addSecretItem(pod, item);
  const mount = { name: volumeName, readOnly: true, mountPath: naming.directory(request) };
  return injected(addFileLookup(addMount(withItem, context, mount), context, request));
}
