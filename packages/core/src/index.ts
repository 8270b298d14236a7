/** The public surface of `@pod-secrets/core`. */
export {
  defineInjector,
  injected,
  refused,
  skipped,
  type Claims,
  type Injection,
  type InjectionContext,
  type InjectorHost,
  type InjectorMeta,
  type InjectorPlugin,
  type LogFields,
  type Logger,
  type MaybePromise,
  type RequestingUser,
  type SecretInjector,
} from "./injector.ts";
export type { MountRequirement, SecretAsk, SecretRequest } from "./request.ts";
export { describeSource } from "./request.ts";
export type {
  Annotations,
  Container,
  EnvVar,
  ImagePullSecret,
  Plain,
  Pod,
  PodSpec,
  Volume,
  VolumeMount,
} from "./pod.ts";
export {
  ERRORS,
  SecretError,
  isSecretError,
  type CoreErrorCode,
  type ErrorCode,
  type ErrorEntry,
  type InjectorErrorCode,
} from "./errors.ts";
export { PROFILES, type EmptyGroup, type EnvPlacement, type Profile, type ProfileName } from "./profile.ts";
export { MOUNT_ROOT, createNaming, secretVolumeName, type Naming } from "./naming.ts";
export { lookedUpBy } from "./lookup-names.ts";
export { missingGroup, missingKey } from "./missing-name.ts";
export { goUpper } from "./letter-case.ts";
export {
  hasControlCharacters,
  isAnnotationKey,
  isConfigKey,
  isDnsLabel,
  isDnsSubdomain,
  isEnvName,
  isIdentifier,
  isQualifiedName,
} from "./grammar.ts";
export { oneLine, quoted, shortenedToBytes } from "./printable.ts";
export { podIdentity, type PodController, type PodIdentity } from "./pod-identity.ts";
export { AUDIT_KEYS } from "./audit.ts";
export { isJsonObject, type JsonObject } from "./object-change.ts";
export { stableId } from "./digest.ts";
export { addAnnotations, annotation } from "./pod-editing/annotations.ts";
export {
  VAULT_AGENT,
  agentDirectories,
  agentFiles,
  goParseBool,
  type AgentDirectory,
  type AgentFile,
} from "./pod-editing/announced-mounts.ts";
export { FETCHING_PREFIX, editContainers } from "./pod-editing/containers.ts";
export { addEnv, addFileLookup, envPrefixVar, literalEnvValue } from "./pod-editing/env.ts";
export { addImagePullSecret } from "./pod-editing/image-pull-secrets.ts";
export { addInitContainer, type InitContainerPosition } from "./pod-editing/init-containers.ts";
export { cleanMountPath, cleanPath, isAtOrBelow } from "./pod-editing/mount-path.ts";
export { addMount, reserveMountPath } from "./pod-editing/mounts.ts";
export { addSecretItem, addVolume, type SecretItem } from "./pod-editing/volumes.ts";
export {
  ANNOTATION_PREFIX,
  INJECT_LABEL,
  MAX_SECRETS,
  decodeRequests,
  encodeRequests,
} from "./requests/annotations.ts";
export type { Isolation, StepObserver } from "./pipeline.ts";
export {
  describeRequest,
  type Answer,
  type Decision,
  type InjectedDecision,
  type RefusedDecision,
} from "./decision.ts";
export { createPatch, type PatchOperation } from "./patch.ts";
export {
  mutatePod,
  type AdmissionFacts,
  type Mutation,
  type MutationFailure,
  type MutationSettings,
} from "./mutate.ts";
export {
  answerReview,
  decodeReview,
  encodeReview,
  type AdmissionAnswer,
  type AdmissionRequest,
  type AdmissionReview,
} from "./admission.ts";

// What only the conformance suite and tests need, to do one step of an admission by itself.
export { runPipeline, type PipelineOptions, type PipelineResult } from "./pipeline.ts";
export { checkInjection } from "./pod-check/injection-check.ts";
export { checkPod } from "./pod-check/pod-validity.ts";
export { applyPatch } from "./patch.ts";
