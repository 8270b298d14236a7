/** Options of a manager that gives files in two ways: by a sidecar of Flyte's for each, or by one container for all. */
import {
  fetcherOptions,
  imageName,
  imagePullPolicy,
  resources,
  type FetcherOptions,
  type ImagePullPolicy,
  type Resources,
} from "@pod-secrets/fetch-container";
import * as z from "zod";

import { securityContext, type SecurityContext } from "./security-context.ts";

/** Options of the manager in the config file: how the value gets into the pod, and what that way needs. */
export type ModeOptions<Settings> =
  | ({ readonly mode: "flyte-sidecar" } & SidecarOptions)
  | ({ readonly mode: "fetch" } & FetchOptions<Settings>);

/** One init container for all secrets of the pod: `pod-secrets-fetch`. */
export interface FetchOptions<Settings> {
  readonly fetcher: FetcherOptions;
  /** How the container speaks to the store. */
  readonly settings: Settings;
}

/** An init container per secret, as with Flyte. */
export interface SidecarOptions {
  /** Image of the init container. */
  readonly image: string;
  /** When the node pulls the image; Kubernetes' default when left out. */
  readonly imagePullPolicy?: ImagePullPolicy | undefined;
  readonly resources: Resources;
  /** Security context of the init container; none when left out. */
  readonly securityContext?: SecurityContext | undefined;
  /** Whether the init container runs after or before the pod's own. */
  readonly position: "last" | "first";
}

/** What differs from one manager to the next. */
export interface Modes<Settings> {
  /** What the store is called in the descriptions. */
  readonly store: string;
  /** Ends the sentence on `flyte-sidecar`: "an init container per secret, as with Flyte". */
  readonly sidecarMeans: string;
  /** Ends the sentence on `fetch`: "one init container for all secrets of the pod". */
  readonly fetchMeans: string;
  /** Flyte's default. */
  readonly image: string;
  /** What another image has to be: "one that". */
  readonly otherImage: string;
  readonly settings: z.ZodType<Settings>;
}

// Flyte v1.16.8 and v2.0, for each of its sidecars.
const FLYTE_AMOUNT = { cpu: "200m", memory: "500Mi" };
const FLYTE_RESOURCES: Resources = { requests: FLYTE_AMOUNT, limits: FLYTE_AMOUNT };

/**
 * Schema of {@link ModeOptions}; its descriptions are the reference and the JSON Schema. Options that only one of the
 * modes has are an error with the other: they would be a wish that comes to nothing.
 */
export function modeOptions<Settings>(modes: Modes<Settings>): z.ZodType<ModeOptions<Settings>> {
  return fieldsOf(modes)
    .superRefine((options, check) => checkMode<Settings>(options, modes.image, check))
    .transform((options) => ofMode<Settings>(options, modes));
}

function fieldsOf<Settings>({ store, sidecarMeans, fetchMeans, image, otherImage, settings }: Modes<Settings>) {
  return z.strictObject({
    mode: z
      .enum(["flyte-sidecar", "fetch"])
      .default("flyte-sidecar")
      .describe(
        `How the value gets into the pod. \`flyte-sidecar\`: an init container per secret, as with Flyte${sidecarMeans}. \`fetch\`: one init container for all secrets of the pod${fetchMeans}.`,
      ),
    fetcher: fetcherOptions.optional().describe("The init container of `fetch`, which needs it."),
    settings: settings.optional().describe(`How the init container of \`fetch\` speaks to ${store}.`),
    image: imageName
      .default(image)
      .describe(`Image of the init container of \`flyte-sidecar\`: Flyte's, or one that ${otherImage}.`),
    imagePullPolicy: imagePullPolicy
      .optional()
      .describe("When the node pulls that image. Left out: Kubernetes decides by the tag, as with Flyte."),
    resources: resources
      .default(FLYTE_RESOURCES)
      .describe("Resources of that init container, as in a pod. Init containers of one pod share: the largest counts."),
    securityContext: securityContext
      .optional()
      .describe(
        "Security context of that init container. Left out: none, as with Flyte, and Flyte's image runs as root. Namespaces that enforce the `restricted` Pod Security Standard need one.",
      ),
    position: z
      .enum(["last", "first"])
      .default("last")
      .describe(
        "Whether that init container runs after the pod's own (`last`, as with Flyte) or before them (`first`). Only with `first` do the pod's own init containers find the secrets.",
      ),
  });
}

interface Fields<Settings> extends SidecarOptions {
  readonly mode: "flyte-sidecar" | "fetch";
  readonly fetcher?: FetcherOptions | undefined;
  readonly settings?: Settings | undefined;
}

function checkMode<Settings>(options: Fields<Settings>, flyteImage: string, check: z.RefinementCtx): void {
  const issue = (key: keyof Fields<Settings>, message: string): void =>
    check.addIssue({ code: "custom", path: [key], message, input: options[key] });
  if (options.mode === "flyte-sidecar") {
    for (const key of ["fetcher", "settings"] as const)
      if (options[key] !== undefined) issue(key, "is for mode: fetch, and the mode is flyte-sidecar");
    return;
  }
  if (options.fetcher === undefined) issue("fetcher", "is missing, and mode: fetch needs it: set fetcher.image");
  const { image, imagePullPolicy: policy, resources: amount, securityContext: context, position } = options;
  const other = "is for mode: flyte-sidecar, and the mode is fetch";
  if (image !== flyteImage) issue("image", `${other}: set fetcher.image`);
  if (policy !== undefined) issue("imagePullPolicy", `${other}: set fetcher.imagePullPolicy`);
  if (JSON.stringify(amount) !== JSON.stringify(FLYTE_RESOURCES)) issue("resources", `${other}: set fetcher.resources`);
  if (context !== undefined) issue("securityContext", `${other}, whose container fits the restricted standard`);
  if (position !== "last") issue("position", `${other}, whose container is always the first`);
}

function ofMode<Settings>(options: Fields<Settings>, modes: Modes<Settings>): ModeOptions<Settings> {
  const { mode, fetcher, settings = modes.settings.parse({}), ...sidecar } = options;
  // Without a fetcher there is an issue, and nobody gets what this returns.
  return mode === "fetch" && fetcher !== undefined
    ? { mode, fetcher, settings }
    : { mode: "flyte-sidecar", ...sidecar };
}
