/**
 * The annotations that an answer leaves in the API server's audit log: which pod asked for which secret, who gave it or
 * why nobody did. Names only, never a value.
 *
 * The API server writes each as `<name of the webhook>/<key>`, so a key has no slash. It may call again with the changed
 * pod, and then drops an annotation with another value, with a warning in its log: the same pod gives the same values.
 */
import type { Decision } from "./decision.ts";
import type { Mutation } from "./mutate.ts";
import { podIdentity } from "./pod-identity.ts";
import type { Pod } from "./pod.ts";
import { printable, shortened } from "./printable.ts";

/** Keys of the annotations, and what each holds. */
export const AUDIT_KEYS = {
  secrets:
    "JSON, one entry per secret: the annotation that asks for it, group, version, key, and the injector that gave it or the code why it was refused",
  pod: "name of the pod, or the start of it while it is to be generated",
  "service-account": "the account that the pod runs as",
  owner: "kind and name of what manages the pod, such as `ReplicaSet/web-5d9c`",
  refused: "code why the pod was refused, or starts without its secrets",
  admission: "uid of the review, as in the log; of the first call for the pod alone",
} as const satisfies Readonly<Record<string, string>>;

type AuditAnnotations = Partial<Record<keyof typeof AUDIT_KEYS, string>>;

/** Of a pod that asks for secrets; undefined for any other. */
export function auditAnnotations(uid: string, before: Pod, mutation: Mutation): AuditAnnotations | undefined {
  const { decisions } = mutation;
  const refused = refusalCode(mutation);
  if (decisions.length === 0 && refused === undefined) return undefined;
  const { name, serviceAccount, controller } = podIdentity(before);
  return {
    ...(decisions.length === 0 ? {} : { secrets: auditRecord(decisions) }),
    ...(name === "" ? {} : { pod: auditText(name) }),
    ...(serviceAccount === "" ? {} : { "service-account": auditText(serviceAccount) }),
    ...(controller === undefined ? {} : { owner: `${controller.kind}/${controller.name}` }),
    ...(refused === undefined ? {} : { refused }),
    ...(isFirstCall(before, mutation) ? { admission: auditText(uid) } : {}),
  };
}

function refusalCode(mutation: Mutation): string | undefined {
  switch (mutation.outcome) {
    case "refused":
      return mutation.code;
    case "unchanged":
      return mutation.failure?.code;
    case "changed":
      return undefined;
  }
}

/**
 * Another call has another uid. When another webhook has added a container since, then that container is changed, and
 * those from before have all that they need: by copy-on-write they are the same objects.
 */
function isFirstCall(before: Pod, mutation: Mutation): boolean {
  if (mutation.outcome !== "changed") return mutation.outcome === "refused";
  const containers = mutation.pod.spec?.containers;
  return (before.spec?.containers ?? []).every((container, index) => container !== containers?.[index]);
}

/** Longest audit record, in characters: a hundred secrets and more. The audit log holds the patch anyway. */
const MAX_AUDIT_LENGTH = 16_384;

/** The decisions as JSON. The same decisions give the same text. */
export function auditRecord(decisions: readonly Decision[]): string {
  const record = JSON.stringify(decisions.map(auditEntry));
  return record.length <= MAX_AUDIT_LENGTH ? record : shortRecord(decisions);
}

/** As many whole entries as fit, and how many there are besides. */
function shortRecord(decisions: readonly Decision[]): string {
  const entries: string[] = [];
  let length = 0;
  for (const decision of decisions) {
    const entry = JSON.stringify(auditEntry(decision));
    length += entry.length + 1;
    if (length > MAX_AUDIT_LENGTH - 32) break;
    entries.push(entry);
  }
  entries.push(JSON.stringify({ more: decisions.length - entries.length }));
  return `[${entries.join(",")}]`;
}

function auditEntry(decision: Decision): Readonly<Record<string, string>> {
  const { source, group, groupVersion, key } = decision.request;
  const version = groupVersion === "" ? {} : { version: auditText(groupVersion) };
  const outcome = decision.outcome === "injected" ? { injector: decision.injector } : { refused: decision.code };
  return { source: auditText(source), group: auditText(group), ...version, key: auditText(key), ...outcome };
}

function auditText(text: string): string {
  return printable(shortened(text, 253));
}
