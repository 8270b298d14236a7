/** What `pod-secrets init-certs` does with what it finds. Pure. */
import type { TrustedCa } from "../ca-bundle.ts";
import { isRunningOut, isUsable, type CertificatePolicy, type Generation } from "../managed/generation.ts";
import { trustedBy, type Rotation } from "../managed/rotation.ts";
import type { SecretContent } from "../managed/secret-content.ts";

/** `plain`: as Flyte lays it out, for those who mount it. `rotated`: by the replicas that share it. */
export type Layout = "plain" | "rotated";

export type InitPlan =
  | { readonly do: "keep"; readonly current: Generation }
  /** Replicas are to take up a new generation. */
  | { readonly do: "stage"; readonly rotation: Rotation }
  /** @param former CAs that somebody may still depend on, from what is there */
  | { readonly do: "issue"; readonly why: string; readonly former: readonly TrustedCa[] }
  | { readonly do: "refuse"; readonly by: string };

export interface InitWish {
  readonly layout: Layout;
  readonly policy: CertificatePolicy;
  /** A new one, also when what is there is good. */
  readonly isForced: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export function planInit(content: SecretContent, wish: InitWish): InitPlan {
  switch (content.kind) {
    case "absent":
      return { do: "issue", why: "there was none", former: content.found ?? [] };
    case "empty":
      return { do: "issue", why: "there was none", former: [] };
    case "foreign":
      return { do: "refuse", by: content.by };
    case "intact":
      return planFor(content.rotation, wish);
    case "damaged":
      return content.salvage === undefined
        ? { do: "issue", why: `what was there cannot be served: ${content.problem}`, former: content.found }
        : planFor(content.salvage, wish);
  }
}

function planFor(rotation: Rotation, { layout, policy, isForced, now }: InitWish): InitPlan {
  const { current } = rotation;
  const why = isForced ? "it was forced" : reasonAgainst(current, policy, now);
  if (why === undefined) return { do: "keep", current };
  if (layout === "plain")
    return { do: "issue", why, former: trustedBy(rotation).filter(({ expires }) => expires > now) };
  // The replicas are at it already.
  return rotation.next === undefined || isForced ? { do: "stage", rotation } : { do: "keep", current };
}

/** Why a new one is needed, in words. */
function reasonAgainst(current: Generation, policy: CertificatePolicy, now: number): string | undefined {
  if (now >= current.expires) return "it has expired";
  if (now < current.starts) return "it is not valid yet";
  if (!isUsable(current, policy, now)) return "it lacks a name";
  return isRunningOut(current, policy, now) ? "less than a third of its life was left" : undefined;
}
