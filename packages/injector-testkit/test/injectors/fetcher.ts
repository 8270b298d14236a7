/**
 * Another injector that does everything right, by other means: one init container writes all files into an
 * empty volume, and annotations hold templates.
 */
import {
  addAnnotations,
  addFileLookup,
  addInitContainer,
  addMount,
  addVolume,
  annotation,
  defineInjector,
  editContainers,
  hasControlCharacters,
  injected,
  literalEnvValue,
  refused,
  skipped,
  stableId,
  type Container,
  type EnvVar,
  type Injection,
  type InjectionContext,
  type InjectorPlugin,
  type Pod,
  type SecretRequest,
} from "@pod-secrets/core";

import type { InjectorCases } from "../../src/index.ts";
import { sampleInjector } from "./sample.ts";

export const fetcherInjector: InjectorPlugin = defineInjector({
  apiVersion: 1,
  name: "fetcher",
  meta: {
    summary: "Fetches files before the task starts.",
    group: "path of the secret",
    key: "field of the secret",
    mounts: ["FILE"],
    stability: "experimental",
  },
  options: sampleInjector.options,
  create: () => ({ name: "fetcher", inject }),
});

export const FETCHER_CASES: InjectorCases = {
  injects: [
    { group: "team/db", key: "Password", mountRequirement: "FILE" },
    { group: "team/db", key: "api-key", mountRequirement: "FILE" },
  ],
  skips: [{ group: "team/db", key: "password", mountRequirement: "ENV_VAR" }],
  refuses: [{ group: "../db", key: "password", code: "E_PATH_UNSAFE" }],
  files: filesOf,
};

/** Where the init containers of the injector write. */
function filesOf(pod: Pod): readonly string[] {
  return (pod.spec?.initContainers ?? []).flatMap(({ env = [] }) =>
    env.flatMap(({ name, value }) => (name.startsWith("FETCH_") && value !== undefined ? [value] : [])),
  );
}

const FETCHER = "fetch";
const VOLUME = { name: "fetched", emptyDir: { medium: "Memory" } };

function inject(pod: Pod, request: SecretRequest, context: InjectionContext): Injection {
  const { group, key, mountRequirement } = request;
  if (mountRequirement === "ENV_VAR") return skipped("it gives files only", "Ask for it as FILE.");
  if (group === "" || key === "") return skipped("it needs group and key");
  if (hasControlCharacters(group) || hasControlCharacters(key)) return skipped("the name holds a control character");
  const path = context.naming.filePath(request);
  const id = stableId(group, key);
  const template = `{{ with secret ${JSON.stringify(group)} }}{{ index .Data ${JSON.stringify(key)} }}{{ end }}`;
  const annotations = { [`fetcher.example.com/template-${id}`]: template };
  const annotated = addAnnotations(pod, annotations);
  if (annotation(annotated, `fetcher.example.com/template-${id}`) !== template)
    return refused("E_ANNOTATION_CONFLICT", "the pod has another template for the secret", "Remove the annotation.");
  const container = {
    name: FETCHER,
    image: "example.com/fetch:1",
    command: ["/fetch"],
    resources: { limits: { cpu: "1000m", memory: "1024Mi" } },
    volumeMounts: [{ name: VOLUME.name, mountPath: context.naming.mountRoot }],
  };
  const withContainer = addInitContainer(addVolume(annotated, VOLUME), container, "first");
  const told = editContainers(withContainer, (candidate) =>
    candidate.name === FETCHER ? withEnv(candidate, { name: `FETCH_${id}`, value: literalEnvValue(path) }) : candidate,
  );
  const mount = { name: VOLUME.name, readOnly: true, mountPath: context.naming.mountRoot };
  return injected(addFileLookup(addMount(told, context, mount), context, request));
}

function withEnv(container: Container, entry: EnvVar): Container {
  const env = container.env ?? [];
  return env.some(({ name }) => name === entry.name) ? container : { ...container, env: [...env, entry] };
}
