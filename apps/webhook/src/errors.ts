/**
 * The app's own error codes, in the shape of core's catalogue. `docs/errors.md` has a heading per code, and a
 * test holds the two together.
 */
import type { ErrorEntry } from "@pod-secrets/core";

/** What can be wrong with a config file. */
export const CONFIG_ERRORS = {
  E_CONFIG_FILE: {
    summary: "The config file cannot be read",
    why: "It is missing, is no file, is larger than 1 MiB, or may not be read by this user.",
    fix: "Check the path and its permissions.",
  },
  E_CONFIG_SYNTAX: {
    summary: "The config file is no YAML",
    why: "It must be one YAML 1.2 document in UTF-8, with each key once per mapping.",
    fix: "Correct the YAML at the line shown.",
  },
  E_CONFIG_UNKNOWN_KEY: {
    summary: "The key is unknown",
    why: "A key that nothing reads is a setting that silently does nothing, mostly a typo.",
    fix: "Correct the key, or remove it.",
  },
  E_CONFIG_MISSING: {
    summary: "A required key is missing",
    why: "There is no sensible default for it.",
    fix: "Add the key.",
  },
  E_CONFIG_TYPE: {
    summary: "The value has the wrong type",
    why: "The key takes another type, such as a number instead of a text.",
    fix: "Write a value of the type that the message names.",
  },
  E_CONFIG_VALUE: {
    summary: "The value is not allowed",
    why: "It is of the right type, but outside of what the key takes.",
    fix: "Use one of the values that the message names.",
  },
  E_CONFIG_OPTION: {
    summary: "An option of a manager is wrong",
    why: "The manager itself checks its options, and refused this one.",
    fix: "See the manager's options in docs/configuration.md, or with `pod-secrets injectors`.",
  },
  E_CONFIG_UNKNOWN_MANAGER: {
    summary: "The manager is unknown",
    why: "It is neither built in nor an installed package nor a path.",
    fix: "Use a built-in name, install the package beside the config file, or write a path that starts with `./` or `/`.",
  },
  E_CONFIG_DUPLICATE_MANAGER: {
    summary: "The manager is there twice",
    why: "The second one would never be asked for anything that the first one takes, and both would share one name.",
    fix: "Remove one of them.",
  },
  E_CONFIG_UNAVAILABLE: {
    summary: "Flyte's file does not do for the manager",
    why: "It names one that has no settings in Flyte's file, Confidant, or names none where Flyte 2 takes Embedded.",
    fix: "Name K8s, AWS, GCP, Azure, Vault or Embedded in Flyte's file, or write a config file of our own format.",
  },
  E_CONFIG_DUPLICATE_SECTION: {
    summary: "Two config files have the same section",
    why: "Files of one directory or pattern are joined by their top-level keys; which of the two counts would be chance.",
    fix: "Keep the section in one file.",
  },
  E_CONFIG_MIXED: {
    summary: "The file is in two formats",
    why: "`webhook:` and `secrets:` make it a config file of Flyte, where the keys of our own format have no meaning.",
    fix: "Use either Flyte's sections or our own keys.",
  },
  E_CONFIG_PLUGIN_LOAD: {
    summary: "The plugin cannot be loaded",
    why: "Its package or file is not there, exports nothing for `import`, or threw when it was loaded.",
    fix: "Install the package beside the config file, or correct the path.",
  },
  E_CONFIG_PLUGIN_SHAPE: {
    summary: "The package is no injector plugin",
    why: "A plugin default-exports `defineInjector({ apiVersion: 1, name, meta, options, create })`.",
    fix: "Report it to the author of the plugin; the conformance suite shows the fault.",
  },
  E_CONFIG_PLUGIN_VERSION: {
    summary: "The plugin speaks another version of the contract",
    why: "Its `apiVersion` is not one that this webhook knows.",
    fix: "Install a version of the plugin, or of the webhook, that fits.",
  },
  E_CONFIG_PLUGIN_START: {
    summary: "The manager could not start",
    why: "Its `create` failed with these options, or gave no answer.",
    fix: "Check what its options point at, such as files and addresses.",
  },
  W_CONFIG_ENV_UNSET: {
    summary: "An env var in the config is not set",
    why: "Flyte expands env vars in `certDir`; one that is not set is taken as empty.",
    fix: "Set the env var where the webhook runs, or write the path.",
  },
  W_CONFIG_UNUSED: {
    summary: "The key of Flyte's file has no effect here",
    why: "It belongs to something that this webhook does in another way, or not at all.",
    fix: "Nothing has to be done; remove the key if it confuses.",
  },
  W_CONFIG_EMBEDDED: {
    summary: "Values are put into pods",
    why: "Flyte's file names Embedded: the webhook reads values itself, and whoever may read pods, etcd or the audit log reads them. Labels are believed where the namespace bears them out, which Flyte does not ask for.",
    fix: "Choose another manager where one will do; a config of our own format says by `scope` which pods get secrets.",
  },
  W_CONFIG_ORDER: {
    summary: "Vault's Agent Injector is called before this webhook",
    why: "The API server calls webhooks in the order of their configurations' names. Annotations that are added after Vault's injector was called are never read, so such a pod starts without its secrets.",
    fix: "Choose a `registration.name` that comes earlier in the alphabet.",
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;

/** Every code of the app. */
export const APP_ERRORS = {
  ...CONFIG_ERRORS,
  E_USAGE: {
    summary: "The command was called wrongly",
    why: "A command, flag or argument is unknown, missing or contradicts another.",
    fix: "See `pod-secrets help` and `pod-secrets help COMMAND`.",
  },
  E_INPUT: {
    summary: "An input cannot be read",
    why: "A file is missing, is neither YAML nor JSON in UTF-8, or holds something else than Kubernetes objects.",
    fix: "Correct the file at the place shown.",
  },
  E_CERTIFICATE: {
    summary: "The certificate cannot be served",
    why: "`tls.crt` or `tls.key` is missing, is no PEM, does not belong to the other, is not valid now, or is not for the name by which the API server calls the webhook.",
    fix: "Correct the files in the directory of --certificates, or try the webhook out with --self-signed.",
  },
  E_CERTIFICATE_SECRET: {
    summary: "The Secret of the certificate cannot be used",
    why: "Another controller writes it, or its content was damaged from elsewhere.",
    fix: "Name a Secret of the webhook's own as `server.certificates.secret`, or mount that one and give its directory as `server.certificates`.",
  },
  E_CLIENT_CA: {
    summary: "The CA of the clients cannot be used",
    why: "The file that `server.clientCa` names is missing or holds no certificate in PEM.",
    fix: "Correct the file, or remove `server.clientCa` to serve any client.",
  },
  E_PORT: {
    summary: "A port cannot be opened",
    why: "Another process has it, or this user or machine may not.",
    fix: "Choose another port or address.",
  },
  E_KUBECONFIG: {
    summary: "The way to the API server cannot be used",
    why: "The kubeconfig or the service account is missing or incomplete, the API server does not accept its credentials, or shows a certificate of another CA.",
    fix: "Correct the kubeconfig that `kubernetes.kubeconfig`, --kubeconfig or KUBECONFIG names, or the service account of the pod.",
  },
  E_KUBERNETES_UNREACHABLE: {
    summary: "The API server cannot be reached",
    why: "It does not answer at its address, or answers that it cannot serve now.",
    fix: "Check the server's address, and that the network lets this machine or pod reach it.",
  },
  E_KUBERNETES_FORBIDDEN: {
    summary: "The API server does not permit it",
    why: "The user or service account lacks a permission that the command needs.",
    fix: "Grant the permissions that the message names, such as by the roles of the chart.",
  },
  E_REGISTRATION_OWNER: {
    summary: "The registration belongs to somebody else",
    why: "A MutatingWebhookConfiguration of this name is there, with the mark of another installation or with entries of another webhook only.",
    fix: "Check the webhook's own namespace and Service, choose another `registration.name`, or remove the other installation, or its MutatingWebhookConfiguration if it is a leftover.",
  },
  E_KUBERNETES: {
    summary: "The API server refused",
    why: "It answered with something that this command cannot go on with.",
    fix: "Look at the object that the message names, and at the log of the API server.",
  },
  E_INTERNAL: {
    summary: "pod-secrets itself failed",
    why: "Something happened that no code is made for.",
    fix: "Report it, with the lines that follow the message.",
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;

/** What can go wrong with telemetry: admissions go on without it. */
export const TELEMETRY_ERRORS = {
  W_TRACES: {
    summary: "Spans are lost",
    why: "The collector of `telemetry.traces.endpoint` is not there, does not take them, or takes too long.",
    fix: "Check the address, what the collector says, and what it asks for in OTEL_EXPORTER_OTLP_HEADERS.",
  },
  W_EVENTS: {
    summary: "Events of refusals are lost",
    why: "The API server did not take them, mostly for want of the permission to create and patch events.",
    fix: "Permit it to the webhook's service account, or set `telemetry.events: false`.",
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;

export type ConfigErrorCode = keyof typeof CONFIG_ERRORS;
export type AppErrorCode = keyof typeof APP_ERRORS;

/** An error that ends a command: one line on standard error, `pod-secrets: CODE: message. Fix: fix`. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: AppErrorCode;
  readonly fix: string;

  /**
   * @param message what happened and where: one line, no full stop at the end, no secret value
   * @param fix a sentence; the catalogue's when left out
   */
  constructor(code: AppErrorCode, message: string, fix: string = APP_ERRORS[code].fix) {
    super(message);
    this.code = code;
    this.fix = fix;
  }
}
