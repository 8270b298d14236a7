/**
 * The Embedded manager of Flyte v2 (`embedded_secret_manager.go`): the webhook itself reads the value during the
 * admission, and puts it into the pod. Everything that could make the admission wait is bounded.
 */
import {
  addEnv,
  envPrefixVar,
  goUpper,
  injected,
  literalEnvValue,
  lookedUpBy,
  missingKey,
  quoted,
  refused,
  skipped,
  type EnvVar,
  type Injection,
  type InjectionContext,
  type InjectorHost,
  type Pod,
  type SecretInjector,
  type SecretRequest,
} from "@pod-secrets/core";

import { EMBEDDED_ERRORS, type EmbeddedErrorCode } from "./errors.ts";
import type { CacheOptions, EmbeddedOptions, ReadOptions } from "./options.ts";
import { createAdmissionReads } from "./reading/admission-reads.ts";
import type { Answer } from "./reading/answer.ts";
import { createStoreReads, type ReadLimits } from "./reading/store-reads.ts";
import { isKey, scopeOf, type Scope } from "./scope.ts";
import { openStore } from "./stores/open-store.ts";
import type { StoreKind } from "./stores/store.ts";
import { addUnpackedFile } from "./unpacker.ts";

/** For what is left to do when the value is there, in milliseconds. */
const MARGIN = 100;

/** One secret that a pod may ask for. */
interface Asked {
  readonly pod: Pod;
  readonly request: SecretRequest;
  readonly scope: Scope;
  readonly context: InjectionContext;
}

/**
 * Gives pods the values of a store.
 * @param kind the store that the options name, or one of one's own
 * @throws SecretError for settings that the store does not take
 */
export async function createEmbeddedInjector(
  options: EmbeddedOptions,
  host: InjectorHost,
  kind: StoreKind,
): Promise<SecretInjector> {
  const elapsed = (): number => performance.now();
  const limits = limitsOf(options.cache, options.reads);
  const store = await openStore(kind, limits.cache.found, elapsed);
  const reads = createStoreReads(store, limits, { log: host.log, count: (event) => host.count?.(event), elapsed });
  const admissions = createAdmissionReads(reads, options.reads.budgetSeconds * 1000, elapsed);
  host.signal.addEventListener("abort", () => reads.close(), { once: true });
  return {
    name: "embedded",
    dispose: () => reads.close(),
    inject(pod, request, context) {
      const scope = checkRequest(request) ?? scopeOf(pod, context, options.scope);
      if ("outcome" in scope) return scope;
      if (host.offline === true) return refusedBy("embedded/not-in-a-cluster", "the webhook alone reads the store");
      // The store knows no group, so a secret may have none; flytekit leaves it out of the names then.
      const asked = { pod, request, scope, context: lookedUpBy(context, [request.group, request.key]) };
      const left = context.deadline - host.clock() - MARGIN;
      const answer = admissions.find(context.userPod, scope, request.key, left);
      return answer instanceof Promise
        ? answer.then((told) => give(asked, told, options))
        : give(asked, answer, options);
    },
  };
}

function limitsOf(cache: CacheOptions, reads: ReadOptions): ReadLimits {
  return {
    cache: {
      found: cache.seconds * 1000,
      absent: cache.absentSeconds * 1000,
      entries: cache.entries,
      bytes: cache.bytes,
    },
    breaker: { failures: reads.failures, pause: reads.pauseSeconds * 1000 },
    timeout: reads.timeoutSeconds * 1000,
    atOnce: reads.atOnce,
  };
}

function checkRequest(request: SecretRequest): Injection | undefined {
  const { key } = request;
  const missing = missingKey(request);
  if (missing !== undefined) return missing;
  if (!isKey(key)) return skipped(`no secret of the store can have the key ${quoted(key)}`);
  return undefined;
}

function give({ pod, request, scope, context }: Asked, answer: Answer, { unpacker }: EmbeddedOptions): Injection {
  switch (answer.outcome) {
    case "absent":
      return skipped(notThere(request, scope), "Store the secret, or correct its key.");
    case "failed":
      return refused(answer.code, answer.message, answer.fix);
    case "found": {
      const value = answer.value.reveal();
      if (request.mountRequirement === "FILE") return injected(addUnpackedFile(pod, context, request, value, unpacker));
      const text = textOf(value);
      return text === undefined
        ? refusedBy("embedded/unusable-value", `the value of ${quoted(request.key)} is no text in UTF-8`)
        : injected(addEnv(pod, context, envVars(request, context, text)));
    }
  }
}

function notThere({ key }: SecretRequest, { organization, project, domain }: Scope): string {
  const where = `project ${quoted(project)} and domain ${quoted(domain)}`;
  return `the store has no secret ${quoted(key)}, neither for ${where} nor for the domain nor for organization ${quoted(organization)}`;
}

function refusedBy(code: EmbeddedErrorCode, message: string): Injection {
  return refused(code, message, EMBEDDED_ERRORS[code].fix);
}

function textOf(value: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(value);
  } catch {
    return undefined;
  }
}

/**
 * The prefix, and the value under Flyte's name, under that by which flytekit looks for a secret with a group, and under
 * the one that the task wants.
 */
function envVars(request: SecretRequest, context: InjectionContext, value: string): readonly EnvVar[] {
  const { naming } = context;
  const text = literalEnvValue(value);
  const names = new Set([goUpper(naming.envPrefix + request.key), naming.envName(request)]);
  if (request.envVar !== "") names.add(request.envVar);
  return [envPrefixVar(context), ...[...names].map((name) => envVar(name, text))];
}

// Go leaves an empty value out of JSON, and so does the API server when it calls again.
function envVar(name: string, value: string): EnvVar {
  return value === "" ? { name } : { name, value };
}
