/**
 * The same table for the real Confidant and for its double, so that the double is as the server is. To be called where
 * tests are described.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { AwsCredentials } from "../../../src/aws/signature.ts";
import { kmsLogin } from "../../../src/providers/confidant/kmsauth.ts";
import type { KmsAuth } from "../../../src/providers/confidant/settings.ts";
import { testHost } from "../../rig/host.ts";
import { fill, type ConfidantRig } from "./confidant-rig.ts";
import { CASES, LOGINS, PASSWORD, type Expected } from "./contract-cases.ts";
import { PASSWORD_FILE, provider, settingsOf, signal } from "./rig.ts";

/**
 * @param start with an empty store; called once
 * @param timeout milliseconds for that
 */
export function describeConfidant(name: string, start: () => Promise<ConfidantRig>, timeout?: number): void {
  describe(name, () => {
    let rig: ConfidantRig;
    let identity: AwsCredentials;

    beforeAll(async () => {
      rig = await start();
      identity = await fill(rig);
    }, timeout);
    afterAll(() => rig?.stop());

    test.each(CASES)("gives $title", async ({ asker = {}, source, expected }) => {
      const service = "service" in asker ? asker.service : "orders";
      const env = { AWS_ACCESS_KEY_ID: identity.accessKeyId, AWS_SECRET_ACCESS_KEY: identity.secretAccessKey };
      const now = (): number => Date.now() + (asker.clock ?? 0);
      const confidant = provider({ url: rig.url, service, auth: kmsAuth(rig, asker.auth) }, { env, now });
      await expectOutcome(confidant.fetch(source, signal), expected);
    });

    test.each(LOGINS)("$title", async ({ userName, token, service = "orders", expected }) => {
      const password = token ?? (await tokenOf(rig, identity));
      const auth = { method: "basic", userName, passwordFile: PASSWORD_FILE };
      // As an editor would leave it.
      const files = { [PASSWORD_FILE]: `${password}\n` };
      const confidant = provider({ url: rig.url, service, auth }, { files });
      await expectOutcome(confidant.fetch(PASSWORD, signal), expected);
    });
  });
}

async function expectOutcome(fetched: Promise<Uint8Array>, expected: Expected): Promise<void> {
  if (typeof expected === "string") {
    expect(new TextDecoder().decode(await fetched)).toBe(expected);
    return;
  }
  const [kind, message] = expected;
  await expect(fetched).rejects.toMatchObject({ kind, message: expect.stringMatching(message) });
}

function kmsAuth({ aws, authKey, authContext }: ConfidantRig, change: Partial<KmsAuth> = {}): object {
  const endpoints = { kms: aws.url, sts: aws.url };
  return { method: "kmsauth", key: authKey, to: authContext, region: aws.region, endpoints, ...change };
}

/** Of version 2, by `orders`. */
async function tokenOf(rig: ConfidantRig, identity: AwsCredentials): Promise<string> {
  const { auth } = settingsOf({ url: rig.url, auth: kmsAuth(rig) });
  const host = testHost();
  try {
    const { password } = await kmsLogin(auth as KmsAuth, "orders", identity, host, signal);
    return password;
  } finally {
    host.close();
  }
}
