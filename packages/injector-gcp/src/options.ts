import { GOOGLE_METADATA_HOSTS, absolutePath, caFile, serverUrl, withPrivateWays } from "@pod-secrets/fetch-container";
import { modeOptions, type FetchOptions, type ModeOptions } from "@pod-secrets/flyte-sidecar";
import * as z from "zod";

import { PROJECT_NAME } from "./secret-name.ts";

/** How the container that fetches speaks to Google Cloud: settings of its program, see `docs/fetch.md`. */
export interface GcpSettings {
  readonly project?: string | undefined;
  readonly url?: string | undefined;
  readonly credentialsFile?: string | undefined;
  readonly metadataUrl?: string | undefined;
  readonly caFile?: string | undefined;
  readonly allowHttp?: boolean | undefined;
}

/** Options of the manager in the config file. */
export type GcpOptions = ModeOptions<GcpSettings>;
/** Options of `mode: fetch`. */
export type GcpFetchOptions = FetchOptions<GcpSettings>;

const settings = z.strictObject({
  project: z
    .string()
    .regex(PROJECT_NAME, "is no id or number of a project")
    .optional()
    .describe("Project of secrets whose group names none. Left out: they are left to the next manager."),
  url: serverUrl.optional().describe("Address in place of Google's own, such as that of a private endpoint."),
  credentialsFile: absolutePath
    .optional()
    .describe(
      "File in the image with Application Default Credentials. Left out: GOOGLE_APPLICATION_CREDENTIALS of the container, and else the metadata server, which is what GKE has.",
    ),
  metadataUrl: serverUrl.optional().describe("Address of the metadata server in place of Google's own."),
  caFile,
  allowHttp: z
    .boolean()
    .optional()
    .describe(
      "Whether `url` and `metadataUrl` may be plain HTTP to another machine: everybody on the way reads the secrets then.",
    ),
});

/** Schema of {@link GcpOptions}; its descriptions are the reference and the JSON Schema. */
export const gcpOptions: z.ZodType<GcpOptions> = modeOptions({
  store: "Google Cloud",
  sidecarMeans: "",
  fetchMeans: ", before all others",
  // `gcpSecretManager.sidecarImage`, v1.16.8 and v2.0.
  image: "gcr.io/google.com/cloudsdktool/cloud-sdk:alpine",
  otherImage: "has `sh` and `gcloud`",
  settings: withPrivateWays(withPrivateWays(settings, [["url"]]), [["metadataUrl"]], GOOGLE_METADATA_HOSTS),
});
