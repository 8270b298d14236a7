import { AWS_SERVERS, awsSettings, withPrivateWays, type AwsSettings } from "@pod-secrets/fetch-container";
import { modeOptions, type FetchOptions, type ModeOptions } from "@pod-secrets/flyte-sidecar";
import * as z from "zod";

/** Options of the manager in the config file. */
export type AwsOptions = ModeOptions<AwsSettings>;
/** Options of `mode: fetch`. */
export type AwsFetchOptions = FetchOptions<AwsSettings>;

/** Image of Flyte's sidecar (`awsSecretManager.sidecarImage`, v1.16.8 and v2.0). Archived since 2022. */
export const FLYTE_SIDECAR_IMAGE = "docker.io/amazon/aws-secrets-manager-secret-sidecar:v0.1.4";

/** Schema of {@link AwsOptions}; its descriptions are the reference and the JSON Schema. */
export const awsOptions: z.ZodType<AwsOptions> = modeOptions({
  store: "AWS",
  sidecarMeans: ", which lets the task start when AWS refuses it",
  fetchMeans: ", which does not",
  image: FLYTE_SIDECAR_IMAGE,
  otherImage: "reads SECRET_ARN and writes the value to /tmp and SECRET_FILENAME as Flyte's does",
  settings: withPrivateWays(z.strictObject(awsSettings), AWS_SERVERS),
});
