/**
 * The error catalogue: one table of stable codes. `docs/errors.md` has a heading per code, and a test holds
 * the two together. A message never holds a secret value.
 */
/** What a code means, why it happens and what to do about it. */
export interface ErrorEntry {
  /** What went wrong, as a short heading. */
  readonly summary: string;
  /** Why that is an error. */
  readonly why: string;
  /** What the reader should do. */
  readonly fix: string;
}

export const ERRORS = {
  E_ANNOTATION: {
    summary: "A secret annotation cannot be read",
    why: "The value of a flyte.secrets/s* annotation is not base32 of a Secret message in protobuf text format.",
    fix: "Let the platform (Flyte propeller, or `encodeRequests` of @pod-secrets/core) write these annotations.",
  },
  E_MOUNT_REQUIREMENT: {
    summary: "The mount requirement is unknown",
    why: "Only ANY (0), ENV_VAR (1) and FILE (2) are defined.",
    fix: "Set mount_requirement to ANY, ENV_VAR or FILE.",
  },
  E_TOO_MANY_SECRETS: {
    summary: "The pod asks for too many secrets",
    why: "The number of secrets of one pod is bounded, and so is the number of places that they go to, containers that they bring among them, so that one pod cannot hold up the admission of others.",
    fix: "Ask for fewer secrets, for instance by several keys in one file.",
  },
  E_NOT_INJECTED: {
    summary: "No secret manager has the secret",
    why: "Global secrets and every configured manager were asked, and each passed; the message says why.",
    fix: "Correct group, group_version, key or mount requirement, or configure a manager that has it.",
  },
  E_WITHDRAWN: {
    summary: "The secret is left out because of another",
    why: "A manager has it, but the pod cannot get all its secrets, and then it gets none: it is refused, or with `onFailure: admit` starts without any.",
    fix: "Correct what else is wrong with the pod's secrets.",
  },
  E_GROUP_REQUIRED: {
    summary: "The group is missing",
    why: "The manager needs the group to find the secret.",
    fix: 'Set group in Secret(group="...", key="...").',
  },
  E_KEY_REQUIRED: {
    summary: "The key is missing",
    why: "The manager needs the key to find the value.",
    fix: 'Set key in Secret(group="...", key="...").',
  },
  E_PATH_UNSAFE: {
    summary: "Group or key would leave the secrets directory",
    why: "Group and key become a file path; empty parts, `.`, `..`, a leading `/` or control characters lead elsewhere.",
    fix: "Leave out of group and key empty parts, `.`, what begins with `..`, a leading `/`, control characters, and parts of more than 255 bytes.",
  },
  E_ENV_NAME: {
    summary: "The env var name is not valid",
    why: "Kubernetes takes letters, digits, `_`, `-` and `.`, not starting with a digit.",
    fix: "Use letters, digits, `_`, `-` and `.` in group, key and env_var, and no digit first in env_var, or ask for it as FILE.",
  },
  E_ENV_FORBIDDEN: {
    summary: "The env var is not for secrets",
    why: "Loaders and interpreters read it (LD_PRELOAD, PATH, NODE_OPTIONS and the like): a secret there is code. Or the task finds its secrets by it (FLYTE_SECRETS_DEFAULT_DIR, FLYTE_SECRETS_FILE_PREFIX, FLYTE_SECRETS_ENV_PREFIX).",
    fix: "Choose another env_var.",
  },
  E_ENV_VALUE: {
    summary: "The value cannot be an env var",
    why: "An env var holds text without NUL, and Linux starts no program with one that, name and value together, is longer than 128 KiB.",
    fix: "Ask for it as FILE from a manager that gives files.",
  },
  E_ENV_COLLISION: {
    summary: "Two secrets want one env var",
    why: "Different secrets end at the same env var name; one would silently replace the other. What the pod itself has under that name does not matter: a container that joins later may not have it.",
    fix: "Rename a group or key, set another env_var, or ask for one of them as FILE.",
  },
  E_FILE_COLLISION: {
    summary: "Two secrets want one file",
    why: "Paths are lower-cased, so names that differ only by case, or by their manager, meet in one file.",
    fix: "Rename a group or key.",
  },
  E_MOUNT_CONFLICT: {
    summary: "The mount path is taken",
    why: "Another volume is mounted at that path, or at a path that would hide it, or will be by the Vault Agent Injector; the API server or the runtime would refuse the pod.",
    fix: "Remove the other mount, use one manager for all file secrets of the pod, or get the others as env vars.",
  },
  E_VOLUME_CONFLICT: {
    summary: "The volume name is taken",
    why: "The pod has a volume of that name with another source.",
    fix: "Rename the volume of the pod.",
  },
  E_CONTAINER_CONFLICT: {
    summary: "The container name is taken",
    why: "The pod has a container of that name that does something else.",
    fix: "Rename the container of the pod.",
  },
  E_ANNOTATION_CONFLICT: {
    summary: "An annotation of the pod contradicts the secret",
    why: "The pod already carries that annotation with a value under which the secret would not arrive.",
    fix: "Remove the annotation from the pod.",
  },
  E_INJECTOR_RESULT: {
    summary: "An injector returned something it must not",
    why: "An injector may only add env vars, volumes, mounts, init containers, annotations and image pull secrets.",
    fix: "Report it to the author of the injector; its conformance suite shows the fault.",
  },
  E_INJECTOR_FAILED: {
    summary: "An injector failed",
    why: "It threw an error that is not in its catalogue. The webhook's log says where in its code: file, line and column, and not the error's text, which may hold a value.",
    fix: "Report it to the author of the injector, with the request that the message names.",
  },
  E_INJECTOR_TIMEOUT: {
    summary: "An injector did not answer in time",
    why: "The admission has a deadline, and the injector waits for something.",
    fix: "Check the service that the injector asks, or raise `timeoutSeconds` of the webhook's registration.",
  },
  E_POD_INVALID: {
    summary: "The resulting pod would not be valid",
    why: "The API server would refuse the pod with the secrets in it.",
    fix: "Change the secret or the pod as the message says.",
  },
  E_REVIEW: {
    summary: "The request is no admission review",
    why: "The webhook answers AdmissionReview of admission.k8s.io/v1 and v1beta1 with a request and a uid.",
    fix: "Send it as the API server does.",
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;

/** A code of core's own catalogue. */
export type CoreErrorCode = keyof typeof ERRORS;
/** A code of an injector's catalogue: `<injector>/<what>`. */
export type InjectorErrorCode = `${string}/${string}`;
/** A stable code that a message starts with, and that a document explains. */
export type ErrorCode = CoreErrorCode | InjectorErrorCode;

const BRAND: unique symbol = Symbol.for("@pod-secrets/secret-error");

/**
 * The one error that core and injectors throw on purpose. The pipeline turns it into a refusal of the secret.
 * Any other error becomes `E_INJECTOR_FAILED`, without its text: that might hold a value.
 */
export class SecretError extends Error {
  override readonly name = "SecretError";
  readonly code: ErrorCode;
  readonly fix: string;

  /**
   * @param code stable code
   * @param message what happened and where, in one line, without a secret value
   * @param fix what to do, in a sentence; for core's codes the catalogue's text when left out
   */
  constructor(code: CoreErrorCode, message: string, fix?: string);
  constructor(code: ErrorCode, message: string, fix: string);
  constructor(code: ErrorCode, message: string, fix?: string) {
    super(message);
    this.code = code;
    this.fix = fix === undefined || fix === "" ? fixOf(code) : fix;
    // A bundled app and a plugin each hold their own copy of this class, so `instanceof` would not do.
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** Core does not know the catalogues of injectors, and JavaScript asks for no fix: then whoever wrote the injector must tell. */
function fixOf(code: ErrorCode): string {
  return ERRORS[Object.hasOwn(ERRORS, code) ? (code as CoreErrorCode) : "E_INJECTOR_FAILED"].fix;
}

/** Whether a caught value is a {@link SecretError}, of this copy of core or of another. */
export function isSecretError(error: unknown): error is SecretError {
  return typeof error === "object" && error !== null && Object.hasOwn(error, BRAND);
}
