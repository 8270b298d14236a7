/** What a manager has `pod-secrets-fetch` ask for, the program takes: else the pod stops, and no manager was asked next. */
import { SecretError, type Pod } from "@pod-secrets/core";
import {
  answerTo,
  openInjector,
  propertyRuns,
  propertySeed,
  readFetchRequest,
  type RequestFields,
} from "@pod-secrets/injector-testkit";
import { builtInProviders } from "@pod-secrets/secret-fetch";
import fc from "fast-check";
import { expect, test } from "vitest";

import { BUILT_IN_MANAGERS } from "../../src/compose/every-built-in.ts";

const seed = propertySeed();
const RANDOM = { numRuns: propertyRuns(), ...(seed === undefined ? {} : { seed }) };
const fetcher = { image: "registry.example.com/pod-secrets-fetch:1" };
const fetchOptions = (settings: object): object => ({ mode: "fetch", fetcher, settings });

/** Texts of a form, and texts that leave it by one character. */
const text = (form: RegExp): fc.Arbitrary<string> => fc.stringMatching(form);
const joined = (...parts: readonly (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> =>
  fc
    .tuple(...parts.map((part) => (typeof part === "string" ? fc.constant(part) : part)))
    .map((strings) => strings.join(""));

const ANY_KEY = fc.oneof(fc.constant(""), text(/^[A-Za-z0-9 ._#/-]{1,256}$/), fc.string({ maxLength: 256 }));
const SCENES = [
  {
    manager: "aws",
    provider: "aws-secretsmanager",
    options: fetchOptions({}),
    group: joined(
      "arn:aws",
      text(/^[a-z-]{0,4}$/),
      ":secretsmanager:",
      fc.oneof(text(/^[a-z0-9-]{1,30}$/), text(/^[a-z]{2}-[a-z]{4,8}-[1-9]$/)),
      ":123456789012:secret",
    ),
    key: fc.oneof(text(/^[A-Za-z0-9/_+=.@:#-]{1,520}$/), joined(text(/^[a-z]{1,8}$/), "#", ANY_KEY)),
    version: fc.oneof(fc.constant(""), fc.uuid(), text(/^[A-Za-z0-9/_+=.@ -]{1,257}$/)),
  },
  {
    manager: "gcp",
    provider: "gcp-secretmanager",
    options: fetchOptions({ project: "my-project" }),
    group: fc.oneof(
      text(/^[A-Za-z0-9_.-]{1,256}$/),
      joined("projects/", text(/^[a-z0-9.:-]{1,31}$/), "/secrets/", text(/^[A-Za-z0-9_-]{1,256}$/)),
      joined("projects/my-project/locations/", text(/^[a-z0-9-]{1,64}$/), "/secrets/", text(/^[A-Za-z0-9_-]{1,9}$/)),
    ),
    key: ANY_KEY,
    version: fc.oneof(fc.constant(""), text(/^[0-9]{1,20}$/), text(/^[A-Za-z0-9_-]{1,64}$/)),
  },
  {
    manager: "azure",
    provider: "azure-keyvault",
    options: fetchOptions({ vault: "https://my-vault.vault.azure.net" }),
    group: fc.oneof(
      text(/^[A-Za-z0-9_-]{1,128}$/),
      joined(
        "https://",
        text(/^[A-Za-z0-9-]{2,25}$/),
        ".vault.azure.net/secrets/",
        text(/^[A-Za-z0-9-]{1,128}\/{0,2}$/),
      ),
    ),
    key: ANY_KEY,
    version: fc.oneof(fc.constant(""), text(/^[0-9A-Fa-f]{31,33}$/)),
  },
  {
    manager: "confidant",
    provider: "confidant",
    options: { url: "https://confidant.example.com", auth: { key: "alias/a", to: "confidant" }, fetcher },
    group: fc.oneof(text(/^[A-Za-z0-9 _-]{1,501}$/), fc.string({ minLength: 1, maxLength: 40 })),
    key: fc.oneof(text(/^[A-Za-z0-9_]{1,501}$/), fc.string({ minLength: 1, maxLength: 40 })),
    version: fc.oneof(fc.constant(""), text(/^[0-9]{1,16}$/)),
  },
];

test.each(SCENES)(
  "$manager asks for nothing that its provider does not take",
  async ({ manager, provider, options, group, key, version }) => {
    const plugin = BUILT_IN_MANAGERS.find(({ name }) => name === manager);
    const source = builtInProviders.find(({ name }) => name === provider)?.source;
    if (plugin === undefined || source === undefined) throw new Error("there is no such manager or provider");
    const injector = await openInjector(plugin, options);
    const fetching = async (fields: RequestFields): Promise<Pod | undefined> => {
      try {
        const answer = await answerTo(fields, injector);
        return answer.outcome === "injected" ? answer.pod : undefined;
      } catch (error) {
        if (error instanceof SecretError) return undefined;
        throw error;
      }
    };
    let asked = 0;
    await fc.assert(
      fc.asyncProperty(group, key, version, async (...[one, two, three]) => {
        const pod = await fetching({ group: one, key: two, groupVersion: three });
        const items = pod === undefined ? [] : readFetchRequest(pod).items;
        for (const item of items as readonly { readonly source?: unknown }[]) {
          asked++;
          expect(await source["~standard"].validate(item.source)).not.toHaveProperty("issues");
        }
      }),
      RANDOM,
    );
    expect(asked).toBeGreaterThan(5);
  },
);
