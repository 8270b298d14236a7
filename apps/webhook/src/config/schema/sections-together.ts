/** Sections that are right each, and contradict each other. */
import type { z } from "zod";

/** As far as they depend on each other. */
interface Sections {
  readonly server: { readonly certificates: unknown };
  readonly registration?: { readonly caBundle?: "managed" | "file" | "none" | undefined } | undefined;
}

export function checkSections({ server, registration }: Sections, check: z.RefinementCtx): void {
  const isManaged = typeof server.certificates === "object";
  const caBundle = registration?.caBundle;
  const add = (message: string, fix: string): void =>
    check.addIssue({ code: "custom", path: ["registration", "caBundle"], message, params: { fix } });
  if (caBundle === "managed" && !isManaged)
    add(
      "is `managed`, and `server.certificates` is a directory",
      "Write `file` for its `ca.crt`, or let `server.certificates` be managed.",
    );
  if (caBundle === "file" && isManaged)
    add("is `file`, and the certificate of `server.certificates` is in no file", "Write `managed`, or remove it.");
}

/** Whose CA the registration is to hold. */
export type CaBundleSource = "managed" | "file" | "none";

export function caBundleSource({ server, registration }: Sections): CaBundleSource {
  return registration?.caBundle ?? (typeof server.certificates === "object" ? "managed" : "file");
}
