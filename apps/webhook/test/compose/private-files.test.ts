import { describe, expect, it } from "vitest";

import { checkFile } from "../../src/compose/from-file.ts";
import { createConfigFolder } from "../config/config-folder.ts";
import { findings } from "../config/loaded.ts";

describe("a directory of global secrets", () => {
  it.each([
    ["/", ""],
    ["/etc/webhook", ""],
    ["/etc/webhook/certs/", ""],
    ["/srv", "server: { certificates: /srv/tls/current }\n"],
  ])("%s is refused when the webhook's own key is in it", async (directory, rest) => {
    expect(await findings(`${rest}global: { directory: ${directory} }\n`)).toEqual([
      expect.stringContaining(
        'E_CONFIG_VALUE option "global.directory" holds the webhook\'s own certificate and its key, so pods could ask for it',
      ),
    ]);
  });

  it("is refused when the credentials for the API server are in it", async () => {
    expect(await findings("kubernetes: { kubeconfig: /srv/own/config }\nglobal: { directory: /srv }\n")).toEqual([
      expect.stringContaining("holds the webhook's own credentials, so pods could ask for it"),
    ]);
  });

  it("is refused when a flag names a directory in it for the certificate", async () => {
    const file = createConfigFolder().write("config.yaml", "global: { directory: /srv }\n");

    expect(await checkFile(file, { certificates: "/srv/own/tls" })).toMatchObject({
      ok: false,
      problems: [{ message: expect.stringContaining("the webhook's own certificate") }],
    });
  });

  it("may stand beside the webhook's own files", async () => {
    expect(await findings("global: { directory: /etc/webhook-secrets }\n")).toEqual([]);
  });
});
