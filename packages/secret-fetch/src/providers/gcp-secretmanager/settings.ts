/** Which Secret Manager of Google Cloud, and as whom. */
import * as z from "zod/mini";

import { absolutePath, serverUrl } from "../../settings.ts";
import { projectId } from "./source.ts";

export interface GcpSettings {
  /** Project of the secrets that are named without one: its id or its number. */
  readonly project?: string | undefined;
  /** Address in place of Google's own, also for regional secrets: a private endpoint, a test server. */
  readonly url?: string | undefined;
  /**
   * Absolute path of a file of Application Default Credentials. When left out, `GOOGLE_APPLICATION_CREDENTIALS` of the
   * container names it; without both, the metadata server gives the identity.
   */
  readonly credentialsFile?: string | undefined;
  /** Address of the metadata server; by default `GCE_METADATA_HOST` of the container, or Google's own. */
  readonly metadataUrl?: string | undefined;
  /** PEM file of the authorities that are trusted in place of Node's own. */
  readonly caFile?: string | undefined;
  /** Whether `url` and `metadataUrl` may be plain HTTP to another machine. */
  readonly allowHttp: boolean;
}

export const gcpSettings: z.ZodMiniType<GcpSettings> = z.strictObject({
  project: z.optional(projectId),
  url: z.optional(serverUrl),
  credentialsFile: z.optional(absolutePath),
  metadataUrl: z.optional(serverUrl),
  caFile: z.optional(absolutePath),
  allowHttp: z._default(z.boolean(), false),
});
