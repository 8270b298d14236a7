/**
 * What differs between the two Flyte generations. Only core's naming and pod editing read a profile;
 * an injector never asks which one it is.
 */

export type ProfileName = "flyte-v1" | "flyte-v2";

/** How an env var joins the ones of a container. */
export type EnvPlacement =
  /** At the end; a variable that the user set under the same name stays, and wins. */
  | "append"
  /** At the start; a variable that the user set under the same name is replaced. */
  | "prepend";

/** What becomes of a request without a group. */
export type EmptyGroup =
  /** It stays empty; most injectors refuse it. */
  | "keep"
  /** The lower-case hex MD5 of the key stands in. */
  | "md5-of-key";

export interface Profile {
  readonly name: ProfileName;
  readonly envPlacement: EnvPlacement;
  readonly emptyGroup: EmptyGroup;
  /** Prefix of env vars with secrets, unless the configuration sets another. */
  readonly envPrefix: string;
}

export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  /** As Flyte v1.16.8 (`flytepropeller/pkg/webhook`). */
  "flyte-v1": Object.freeze({ name: "flyte-v1", envPlacement: "append", emptyGroup: "keep", envPrefix: "_FSEC_" }),
  /** As Flyte v2.0.x (`flyteplugins/go/tasks/pluginmachinery/secret`). */
  "flyte-v2": Object.freeze({
    name: "flyte-v2",
    envPlacement: "prepend",
    emptyGroup: "md5-of-key",
    envPrefix: "_UNION_",
  }),
};
