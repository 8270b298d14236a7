/** The section `telemetry`: what the webhook tells others beside logs and metrics. */
import { z } from "zod";

const MAX_URL = 2048;

/** A base as OpenTelemetry has it (`OTEL_EXPORTER_OTLP_ENDPOINT`): the path of the traces is put behind it. */
const endpoint = z
  .string()
  .max(MAX_URL)
  .superRefine((text, check) => {
    const problem = endpointProblem(text);
    if (problem !== undefined)
      check.addIssue({ code: "custom", message: problem.message, params: { fix: problem.fix } });
  });

function endpointProblem(text: string): { readonly message: string; readonly fix: string } | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    return {
      message: "must be an http or https URL",
      fix: "Write it as in `http://otel-collector.observability:4318`.",
    };
  if (url.username !== "" || url.password !== "")
    return {
      message: "must not hold a user or password: this file is no place for them",
      fix: "Put what the collector asks for into the env var OTEL_EXPORTER_OTLP_HEADERS, from a Secret.",
    };
  if (url.search !== "" || url.hash !== "")
    return { message: "must have neither a query nor a fragment", fix: "End it with the host, or with a path." };
  return undefined;
}

const traces = z
  .strictObject({
    endpoint: endpoint.describe(
      "Base URL of a collector that speaks OTLP over HTTP; `/v1/traces` is put behind it. Headers, such as those that authorize, come from the env var `OTEL_EXPORTER_OTLP_HEADERS`, and the CA of an https collector from the file that `OTEL_EXPORTER_OTLP_CERTIFICATE` names.",
    ),
    sampleRatio: z
      .number()
      .min(0)
      .max(1)
      .default(1)
      .describe(
        "Share of the admissions that are traced when the API server says nothing about it. One that it traces (`traceparent` with the flag `sampled`) always is; one that it does not trace never.",
      ),
  })
  .optional()
  .describe("Spans of admissions, as part of the API server's trace. Without this, there are none.");

export const telemetry = z
  .strictObject({
    traces,
    events: z
      .boolean()
      .default(false)
      .describe(
        "Whether a Kubernetes Event tells of a refused pod, at the ReplicaSet, Job or other controller of the pod. Needs the permission to create and patch `events`.",
      ),
  })
  .prefault({})
  .describe("Traces and Events.");

export type TelemetryConfig = Readonly<z.output<typeof telemetry>>;
export type TracesConfig = NonNullable<TelemetryConfig["traces"]>;
