import type { Command } from "../../command.ts";
import { CONFIG, PROFILE } from "../shared-flags.ts";

export const serve: Command = {
  name: "serve",
  summary: "Run the webhook.",
  description: [
    "Serves admission reviews over HTTPS, and /healthz, /readyz and /metrics on a plain port of their own.",
    "The log goes to standard output, one JSON object per line. SIGTERM drains and ends; a changed configuration or certificate is taken up while it runs, and a wrong one leaves the last good one in place.",
  ],
  flags: [
    CONFIG,
    PROFILE,
    {
      name: "host",
      value: "ADDRESS",
      default: "that of the configuration, else 0.0.0.0; with --self-signed else 127.0.0.1",
      summary: "Address of both ports.",
    },
    {
      name: "port",
      value: "PORT",
      default: "that of the configuration",
      summary: "Port of the webhook; 0 takes a free one.",
    },
    {
      name: "operations-port",
      value: "PORT",
      default: "that of the configuration",
      summary: "Port of /healthz, /readyz and /metrics; 0 takes a free one.",
    },
    {
      name: "certificates",
      value: "DIR",
      default: "that of the configuration",
      summary: "Directory of tls.crt and tls.key.",
    },
    { name: "self-signed", summary: "Make a certificate for localhost, for trying out on this machine." },
    { name: "ca-file", value: "FILE", summary: "With --self-signed: write the certificate of its CA to FILE." },
    {
      name: "no-register",
      summary: "Do not register with the API server, whatever the configuration says; nor does --self-signed.",
    },
    {
      name: "log-level",
      value: "LEVEL",
      choices: ["debug", "info", "warn", "error"],
      default: "that of the configuration",
      summary: "The least level that is logged.",
    },
  ],
  examples: [
    { command: "pod-secrets serve --config config.yaml", summary: "Serve as in a cluster." },
    {
      command: "pod-secrets serve --self-signed --ca-file ca.crt --port 9443",
      summary: "Try it on this machine.",
    },
  ],
  exits: ["done", "misuse", "certificate", "port", "kubeconfig", "forbidden", "kubernetes", "owner"],
  load: () => import("./serve.ts"),
};
