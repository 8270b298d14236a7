/** The fetcher's provider against the real Confidant: the table that its double is held to in `npm test`, too. */
import { describe } from "vitest";

import type { ConfidantRig } from "../../../packages/secret-fetch/test/providers/confidant/confidant-rig.ts";
import { describeConfidant } from "../../../packages/secret-fetch/test/providers/confidant/contract.ts";
import { needing } from "../../cluster/src/index.ts";
import { pythonSupport, START_TIMEOUT, startConfidant, startMoto } from "../../servers/index.ts";

async function start(): Promise<ConfidantRig> {
  const moto = await startMoto({ checksAuthorization: true });
  const confidant = await startConfidant(moto);
  return {
    ...confidant,
    aws: { url: moto.url, region: moto.region },
    createKey: (alias) => moto.createKey(alias),
    createUser: (name) => moto.createUser(name, ["kms:Encrypt", "sts:GetCallerIdentity"]),
    stop: async () => {
      await confidant.stop();
      await moto.stop();
    },
  };
}

describe("the provider", needing(pythonSupport()), () => {
  describeConfidant("of Confidant 7.0.0", start, START_TIMEOUT);
});
