/**
 * A secret of Vault as a file, by way of the Vault Agent Injector: we write annotations, its webhook reads them and
 * adds an init container with a Vault agent, and that writes the file. The webhook never sees a value.
 * Same annotations as Flyte v1.16.8 and v2.0 (`vault_secret_manager.go`), where those work.
 */
import {
  VAULT_AGENT,
  addAnnotations,
  addFileLookup,
  injected,
  missingGroup,
  missingKey,
  quoted,
  reserveMountPath,
  skipped,
  stableId,
  type Annotations,
  type Injection,
  type InjectionContext,
  type Pod,
  type SecretInjector,
  type SecretRequest,
} from "@pod-secrets/core";

import { AGENT_ANNOTATIONS, secretAnnotationNames, type SecretAnnotationNames } from "./annotations.ts";
import { checkContradictions, hasAgent } from "./contradictions.ts";
import { otherEngine, type GroupVersion } from "./group-version.ts";
import type { AgentOptions } from "./options.ts";
import {
  ID_PREFIX,
  checkDirectories,
  checkFileIsVisible,
  checkFilesAreFree,
  createKnownSecrets,
  secretFile,
  type KnownSecrets,
} from "./secret-file.ts";
import type { FileTemplate } from "./template.ts";
import { isMountOnly, pathFault, vaultPath, type PathRules } from "./vault-path.ts";

/** What differs between the engines of Vault. */
export interface VaultEngine {
  /** Name of the injector: `vault-kv2`. */
  readonly injector: string;
  readonly groupVersion: GroupVersion;
  /** Whether requests without a group version are this engine's. */
  readonly unversioned: boolean;
  readonly pathRules: PathRules;
  /** A path as users of the engine know them, for messages. */
  readonly examplePath: string;
  /** Text of the file; the agent writes all of the secret when left out. */
  readonly template?: (path: string, key: string) => FileTemplate;
  /** Whether a missing key stops the agent. */
  readonly errorOnMissingKey: boolean;
}

/** An injector for one engine of Vault. */
export function createAgentInjector(engine: VaultEngine, options: AgentOptions): SecretInjector {
  const known = createKnownSecrets();
  return {
    name: engine.injector,
    inject(pod, request, context) {
      return notMine(request, engine) ?? injectFile(pod, request, context, engine, options, known);
    },
  };
}

function notMine(request: SecretRequest, engine: VaultEngine): Injection | undefined {
  const other = otherEngine(request.groupVersion, engine.groupVersion, engine.unversioned);
  if (other !== undefined) return other;
  if (request.mountRequirement === "ENV_VAR") {
    const isMeant = request.groupVersion !== "" || request.group.includes("/");
    return skipped("Vault secrets can only be files", isMeant ? "Use FILE or ANY as mount requirement." : undefined);
  }
  const missing = missingGroup(request) ?? missingKey(request);
  if (missing !== undefined) return missing;
  const fault = pathFault(vaultPath(request.group), engine.pathRules);
  if (fault === undefined) return undefined;
  return skipped(
    `group ${quoted(request.group)} is no path in Vault: ${fault}`,
    `Set group to the path of the secret in Vault, such as ${engine.examplePath}.`,
  );
}

function injectFile(
  pod: Pod,
  request: SecretRequest,
  context: InjectionContext,
  engine: VaultEngine,
  options: AgentOptions,
  known: KnownSecrets,
): Injection {
  const { mountRoot } = context.naming;
  const file = secretFile(request, context, options.fileCase);
  const shared = { ...podAnnotations(mountRoot, options), ...options.annotations };
  const secret = secretAnnotations(request, file, engine);
  const wanted = { ...shared, ...secret.exact, ...secret.preferred };
  const annotated = addAnnotations(pod, wanted);
  const added = known.remember(pod, annotated, wanted);
  checkContradictions(pod, annotated, context, { ...secret, shared }, engine.injector);
  const all = known.of(annotated);
  const own = all.files.filter(({ annotation }) => annotation === secret.names.file);
  checkFilesAreFree([...own, ...added.files], all.files);
  // What the pod had before was checked with the secrets before.
  checkDirectories({ files: own, directories: all.directories }, context);
  checkDirectories({ files: all.files, directories: added.directories }, context);
  checkFileIsVisible(pod, context, `${mountRoot}/${file}`);
  reserveMountPath(pod, context, { name: VAULT_AGENT.volume, mountPath: mountRoot });
  // What came with the agent needs no look-up, and the second patch stays empty.
  if (hasAgent(pod)) return injected(pod);
  return injected(addLookup(annotated, request, context, `${mountRoot}/${file}`), warnings(request));
}

/** Annotations of one secret. */
interface SecretAnnotations {
  readonly names: SecretAnnotationNames;
  /** Without these values it is another secret. */
  readonly exact: Annotations;
  /** The pod may have other values. */
  readonly preferred: Annotations;
}

/** The id in the names tells engine, path and key, and nothing else. */
function secretAnnotations({ group, key }: SecretRequest, file: string, engine: VaultEngine): SecretAnnotations {
  const path = vaultPath(group);
  const names = secretAnnotationNames(`${ID_PREFIX}${stableId(engine.groupVersion, path, key)}`);
  const template = engine.template?.(path, key);
  const place = { [names.secret]: path, [names.file]: file };
  const stopsWithoutKey = engine.errorOnMissingKey && template?.failsWithoutKey === false;
  return {
    names,
    exact: template === undefined ? place : { ...place, [names.template]: template.text },
    preferred: stopsWithoutKey ? { [names.errorOnMissingKey]: "true" } : {},
  };
}

/** Annotations that all secrets of a pod share. */
function podAnnotations(mountRoot: string, { role }: AgentOptions): Annotations {
  return {
    [VAULT_AGENT.inject]: "true",
    [VAULT_AGENT.volumePath]: mountRoot,
    [AGENT_ANNOTATIONS.role]: role,
    // An agent that stays would keep the pod of a finished task running.
    [AGENT_ANNOTATIONS.prePopulateOnly]: "true",
  };
}

/** Tells the task where the file is, also when the file keeps the case of its name. */
function addLookup(pod: Pod, request: SecretRequest, context: InjectionContext, path: string): Pod {
  const naming = { ...context.naming, filePath: () => path };
  return addFileLookup(pod, { ...context, naming }, request);
}

function warnings({ group }: SecretRequest): readonly string[] {
  return isMountOnly(vaultPath(group))
    ? [`group ${quoted(group, 40)} names a mount of Vault, and no secret in it: the agent will fail`]
    : [];
}
