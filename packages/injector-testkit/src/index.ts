/** The public surface of `@pod-secrets/injector-testkit`. */
export { describeInjector } from "./describe-injector.ts";
export type { Check, InjectorCases, RefusedCase, Subject } from "./conformance/cases.ts";
export { conformanceChecks } from "./conformance/checks.ts";
export { runVectors, type Difference, type VectorSettings } from "./run-vectors.ts";
export { normalisePod, type MutationVector, type VectorConfig, type VectorFile, type VectorResult } from "./vectors.ts";
export { allContainers, testContainer, testPod } from "./pods.ts";
export { secretRequest, secretRequests, withRequests, type RequestFields } from "./requests.ts";
export { injectionContext, testHost, type ContextSettings } from "./contexts.ts";
export { answerTo } from "./answer-to.ts";
export { openInjector } from "./open-injector.ts";
export { admitPod, admittedPod } from "./admit-pod.ts";
export {
  fetchedFiles,
  readFetchRequest,
  runFetchProgram,
  type ReadFetchItem,
  type ReadFetchRequest,
} from "./fetch-request.ts";
export { vaultAgentFiles } from "./vault-agent-files.ts";
export { withVaultAgent } from "./vault-agent-injector.ts";
export { asReinvoked } from "./api-server.ts";
export { deepFreeze } from "./deep-freeze.ts";
export { observeIo, type Observed } from "./observe-io.ts";
export { lookUpEnv, lookUpFile, lookUpSecret, type Lookup, type LookupNames } from "./flytekit-lookup.ts";
export { arbitraryPod } from "./arbitraries/pods.ts";
export { arbitraryRequest, hostileRequest } from "./arbitraries/requests.ts";
export { CANARY, HOSTILE_NAMES, SHELL_NAMES, hostileName } from "./arbitraries/hostile-names.ts";
export { propertyRuns, propertySeed } from "./property-runs.ts";
