/** The section `registration`: the MutatingWebhookConfiguration that makes the API server call the webhook. */
import { z } from "zod";

import { labelSelector } from "./label-selector.ts";

/** A name in DNS, as names of most objects are (RFC 1123). */
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
/** Names of entries have at least three parts (`ValidateWebhookConfiguration`). */
const THREE_PARTS = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?){2,}$/;
const LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
/** A name with an optional prefix in DNS. */
const QUALIFIED = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

const lowerCase = "must consist of lower-case letters, digits, `-` and `.`";

const service = z
  .strictObject({
    name: z
      .string()
      .max(63)
      .regex(LABEL, "must be the name of a Service: lower-case letters, digits and `-`")
      .default("flyte-pod-webhook")
      .describe("Its name."),
    port: z.int().min(1).max(65_535).default(443).describe("Its port."),
  })
  .optional()
  .describe(
    "The Service in front of the webhook, in its own namespace. Default: `flyte-pod-webhook`, port 443, unless `url` is there.",
  );

const url = z
  .string()
  .max(2048)
  .superRefine((text, check) => {
    const parsed = URL.parse(text);
    const isPlain = parsed?.protocol === "https:" && text.replace(/\/$/, "") === parsed.origin;
    if (!isPlain)
      check.addIssue({
        code: "custom",
        message: "must be https:// with a host and perhaps a port, and nothing else",
        params: { fix: "Write it as in `https://127.0.0.1:9443`; the path is that of `server.path`." },
      });
  })
  .optional()
  .describe("Instead of `service`: where the API server finds the webhook outside of the cluster.")
  .meta({ examples: ["https://127.0.0.1:9443"] });

const matchCondition = z.strictObject({
  name: z.string().min(1).max(63).describe("Its name, unique here."),
  expression: z.string().min(1).max(10_000).describe("In CEL; a pod for which it is false is left alone."),
});

const owner = z
  .strictObject({
    kind: z.enum(["ClusterRole", "Namespace"]).describe("What it is."),
    name: z.string().min(1).max(253).describe("Its name."),
  })
  .optional()
  .describe(
    "An object outside of all namespaces with which the registration is to go: the cluster's garbage collector removes it when the owner is deleted. Needs the permission to `get` the owner.",
  );

const texts = z.record(
  z.string().max(317).regex(QUALIFIED, "must be a name with an optional prefix, as in `example.com/name`"),
  z.string().max(10_000),
);

export const registration = z
  .strictObject({
    name: z
      .string()
      .max(253)
      .regex(SUBDOMAIN, lowerCase)
      .default("flyte-pod-webhook")
      .describe(
        "Name of the MutatingWebhookConfiguration. Webhooks are called in the order of these names: it must come before that of Vault's Agent Injector, if there is one.",
      ),
    webhook: z
      .string()
      .max(253)
      .regex(THREE_PARTS, "must be a name with two dots or more, of lower-case letters, digits and `-`")
      .default("flyte-pod-webhook.flyte.org")
      .describe("Name of the entry in it; others are left alone."),
    service,
    url,
    failurePolicy: z
      .enum(["Fail", "Ignore"])
      .default("Fail")
      .describe("What becomes of a pod when the webhook cannot be reached: refused, or started without its secrets."),
    timeoutSeconds: z.int().min(1).max(30).default(10).describe("How long the API server waits for an answer."),
    reinvocationPolicy: z
      .enum(["Never", "IfNeeded"])
      .default("IfNeeded")
      .describe("Whether the webhook is called again when another one changed the pod after it, such as by a sidecar."),
    namespaceSelector: labelSelector
      .optional()
      .describe(
        "Labels of the namespaces whose pods are looked at. Default: all but kube-system, kube-node-lease and the webhook's own.",
      ),
    objectSelector: labelSelector
      .prefault({ matchLabels: { "inject-flyte-secrets": "true" } })
      .describe("Labels of the pods that are looked at."),
    matchConditions: z
      .array(matchCondition)
      .max(64)
      .default([])
      .describe("Further conditions for the API server to look at before it calls."),
    caBundle: z
      .enum(["managed", "file", "none"])
      .optional()
      .describe(
        "Whose CA the API server is to trust. `managed`: that of the managed certificate. `file`: `ca.crt` in the directory `server.certificates`. `none`: nobody's here; cert-manager or another controller writes it. Default: `managed` with a managed certificate, else `file`.",
      ),
    labels: texts.default({}).describe("Labels of the MutatingWebhookConfiguration."),
    annotations: texts
      .default({})
      .describe(
        "Annotations of the MutatingWebhookConfiguration, such as `cert-manager.io/inject-ca-from: flyte/webhook`.",
      ),
    owner,
  })
  .superRefine(({ service: behind, url: outside }, check) => {
    if (behind !== undefined && outside !== undefined)
      check.addIssue({
        code: "custom",
        path: ["url"],
        message: "contradicts `registration.service`: the API server calls one of them",
        params: { fix: "Remove one of them." },
      });
  })
  .optional()
  .describe(
    "The MutatingWebhookConfiguration, made and kept as it is written here. Without this section the webhook registers nothing.",
  );

export type RegistrationConfig = Readonly<NonNullable<z.output<typeof registration>>>;
