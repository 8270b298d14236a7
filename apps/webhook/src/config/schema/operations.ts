/** The section `operations`: the plain HTTP server for probes and metrics. */
import { z } from "zod";

import { host, port } from "./address.ts";

export const operations = z
  .strictObject({
    host: host.describe("Address of the plain HTTP server for probes and metrics."),
    port: port("Port of `/healthz`, `/readyz` and `/metrics`.", 8081),
  })
  .prefault({})
  .describe("The server for probes and metrics.");

export type OperationsConfig = Readonly<z.output<typeof operations>>;
