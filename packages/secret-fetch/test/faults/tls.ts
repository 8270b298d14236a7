/** Who the server is. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";

import { selfSigned } from "../rig/certificate.ts";
import { serveLoopback, type LoopbackServer } from "../rig/loopback-server.ts";
import { temporaryFolder } from "../rig/volume.ts";
import type { Row, Stage } from "./stage.ts";

export const TLS: readonly Row[] = [
  {
    when: "the server speaks no TLS",
    arrange: (stage) => stage.replaceStore(stage.store.url.href.replace("http:", "https:")),
    kind: "untrusted",
    message: /cannot be talked to by TLS \((ERR_SSL_\w+|EPROTO)\)/,
  },
  {
    when: "the server speaks TLS only",
    arrange: async (stage) => {
      const { url } = await serveTls({});
      stage.replaceStore(url.href.replace("https:", "http:"));
    },
    kind: "unavailable",
    message: /broke \(ECONNRESET\)/,
  },
  {
    when: "the certificate is signed by an unknown authority",
    arrange: (stage) => replaceByTls(stage, {}),
    kind: "untrusted",
    message: /certificate of "127\.0\.0\.1:\d+" is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)/,
  },
  {
    when: "the certificate is for another name",
    arrange: (stage) => tlsTrusted(stage, { address: "127.0.0.2" }),
    kind: "untrusted",
    message: /is not trusted \(ERR_TLS_CERT_ALTNAME_INVALID\)/,
  },
  {
    when: "the certificate has expired",
    arrange: (stage) => tlsTrusted(stage, { days: -1 }),
    kind: "untrusted",
    message: /is not trusted \(CERT_HAS_EXPIRED\)/,
  },
  {
    when: "the file of the authority is not there",
    arrange: (stage) => replaceByTls(stage, {}, { caFile: "/nonexistent/ca.crt" }),
    kind: "wrong-request",
    message: /caFile cannot be used: there is no file "\/nonexistent\/ca\.crt"/,
  },
  {
    when: "the file of the authority holds none",
    arrange: async (stage) => {
      const caFile = join(temporaryFolder(), "ca.crt");
      writeFileSync(caFile, "no certificate");
      await replaceByTls(stage, {}, { caFile });
    },
    kind: "untrusted",
    message: /is not trusted|cannot be talked to by TLS/,
  },
];

type Facts = Parameters<typeof selfSigned>[0];

async function replaceByTls(stage: Stage, facts: Facts, settings: object = {}): Promise<void> {
  const { url } = await serveTls(facts);
  stage.replaceStore(url, settings);
}

/** Its certificate is the authority that is trusted. */
async function tlsTrusted(stage: Stage, facts: Facts): Promise<void> {
  const { url, cert } = await serveTls(facts);
  const caFile = join(temporaryFolder(), "ca.crt");
  writeFileSync(caFile, cert);
  stage.replaceStore(url, { caFile });
}

async function serveTls(facts: Facts): Promise<LoopbackServer & { readonly cert: string }> {
  const identity = await selfSigned(facts);
  const server = await serveLoopback((_request, response) => void response.end(), identity);
  onTestFinished(() => server.close());
  return { ...server, cert: identity.cert };
}
