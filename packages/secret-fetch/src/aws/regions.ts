/** Where AWS' services are. */
import { FetchFailure } from "../failure.ts";
import type { ProviderHost } from "../provider.ts";
import { trustedServer } from "../settings.ts";
import { isRegion } from "./region-name.ts";
import type { AwsService, AwsSettings } from "./settings.ts";

/** DNS suffixes of the partitions, by the start of their regions (AWS General Reference; `partitions.json` of the SDKs). */
const SUFFIXES: readonly (readonly [string, string])[] = [
  ["cn-", "amazonaws.com.cn"],
  ["us-iso-", "c2s.ic.gov"],
  ["us-isob-", "sc2s.sgov.gov"],
  ["us-isof-", "csp.hci.ic.gov"],
  ["eu-isoe-", "cloud.adc-e.uk"],
  ["eusc-", "amazonaws.eu"],
];

/** The server of a service in a region. @throws FetchFailure `wrong-request` */
export function endpointOf(service: AwsService, region: string, settings: AwsSettings): URL {
  const own = settings.endpoints[service];
  if (own !== undefined) return trustedServer(own, `endpoints.${service}`, settings.allowHttp);
  const suffix = SUFFIXES.find(([start]) => region.startsWith(start))?.[1] ?? "amazonaws.com";
  return new URL(`https://${service}.${region}.${suffix}`);
}

/** The region of the settings, or of the container. @throws FetchFailure `wrong-request` */
export function regionOf({ region }: AwsSettings, { env }: ProviderHost): string {
  const found = region ?? env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"] ?? "";
  if (isRegion(found)) return found;
  throw new FetchFailure(
    "wrong-request",
    found === "" ? "no AWS region is known" : "AWS_REGION of the container is no region",
    "Set region in the provider's settings, or name the secret by its ARN.",
  );
}
