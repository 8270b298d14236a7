/** Secret managers of a few lines, each with other kinds of edits, so that together they use all of the pod editing. */
import {
  addAnnotations,
  addEnv,
  addFileLookup,
  addImagePullSecret,
  addInitContainer,
  addMount,
  addSecretItem,
  addVolume,
  envPrefixVar,
  injected,
  isConfigKey,
  isDnsSubdomain,
  literalEnvValue,
  refused,
  skipped,
  stableId,
  type EnvVar,
  type InjectionContext,
  type Pod,
  type SecretInjector,
  type SecretRequest,
} from "../../src/index.ts";

/** Values in the pod itself. */
const literals: SecretInjector = {
  name: "literals",
  inject(pod, request, context) {
    if (request.mountRequirement === "FILE") return skipped("it gives no files");
    if (request.key === "user") return skipped("it does not have the key", "Ask for another key.");
    const value = literalEnvValue(`${request.key} for $(HOME)`);
    return injected(addEnv(pod, context, [...varsOf(request, context, { value }), envPrefixVar(context)]));
  },
};

/** References to Kubernetes Secrets, by variable or by volume. */
const references: SecretInjector = {
  name: "references",
  inject(pod, request, context) {
    const group = context.naming.group(request);
    if (!isDnsSubdomain(group)) return skipped(`it has no group like "${stableId(group)}"`);
    if (!isConfigKey(request.key)) return refused("references/key", "the key is no key", "Use another key.");
    if (request.mountRequirement === "FILE") return injected(withItem(pod, request, context));
    const valueFrom = { secretKeyRef: { name: group, key: request.key, optional: true } };
    return injected(addEnv(pod, context, [...varsOf(request, context, { valueFrom }), envPrefixVar(context)]));
  },
};

/** An init container that fetches files into a volume. */
const fetcher: SecretInjector = {
  name: "fetcher",
  inject(pod, request, context) {
    if (request.mountRequirement === "ENV_VAR") return skipped("it gives files only");
    const container = {
      name: `fetch-${stableId(request.group, request.groupVersion, request.key)}`,
      image: "fetch:1",
      args: ["--to", context.naming.filePath(request)],
      env: [{ name: "SECRET", value: request.group }, { name: "EMPTY" }],
      volumeMounts: [{ name: "fetched", mountPath: "/out" }],
    };
    const withVolume = addVolume(pod, { name: "fetched", emptyDir: { medium: "Memory" } });
    const withContainer = addInitContainer(withVolume, container, request.key === "user" ? "last" : "first");
    const mount = { name: "fetched", mountPath: context.naming.mountRoot, readOnly: true };
    const withMount = addMount(withContainer, context, mount);
    return injected(addFileLookup(addImagePullSecret(withMount, "fetch-registry"), context, request));
  },
};

/** Annotations for another webhook; it answers later. */
const announcer: SecretInjector = {
  name: "announcer",
  async inject(pod, request, context) {
    await Promise.resolve();
    if (request.mountRequirement === "ENV_VAR") return skipped("it gives files only");
    const id = stableId(request.group, request.key);
    const noted = addAnnotations(pod, {
      "note.example.com/inject": "true",
      [`note.example.com/file-${id}`]: context.naming.filePath(request),
    });
    return injected(addFileLookup(noted, context, request), ["another webhook has to bring the file"]);
  },
};

function varsOf(request: SecretRequest, { naming }: InjectionContext, source: Omit<EnvVar, "name">): readonly EnvVar[] {
  const names = [naming.envName(request), ...(request.envVar === "" ? [] : [request.envVar])];
  return names.map((name) => ({ name, ...source }));
}

function withItem(pod: Pod, request: SecretRequest, context: InjectionContext): Pod {
  const { naming } = context;
  const { pod: withVolume, volumeName } = addSecretItem(pod, {
    secretName: naming.group(request),
    groupVersion: request.groupVersion,
    key: request.key,
    path: naming.fileName(request),
    optional: true,
  });
  const mount = { name: volumeName, mountPath: naming.directory(request), readOnly: true };
  return addFileLookup(addMount(withVolume, context, mount), context, request);
}

/** By name, since a failed property shows what it was tried with. */
export const MANAGERS = { literals, references, fetcher, announcer } as const satisfies Readonly<
  Record<string, SecretInjector>
>;

export type ManagerName = keyof typeof MANAGERS;
