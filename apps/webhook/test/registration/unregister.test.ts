/** Taking a registration back. What the API server makes of it is tested in `e2e/test/registration.test.ts`. */
import { expect, test } from "vitest";

import { unregister } from "../../src/registration/unregister.ts";
import { connectTo, json, startDouble } from "../kubernetes/api-double.ts";
import { desiredBy, flyteRegistration } from "./registrations.ts";

test("that of another installation is left alone, and its name is quoted in the message", async () => {
  const { metadata, ...rest } = flyteRegistration();
  const annotations = { "pod-secrets.dev/installation": "other/one\n\u001b[2J" };
  const double = await startDouble((_, response) =>
    json(response, 200, { ...rest, metadata: { ...metadata, annotations } }),
  );
  const { client } = await connectTo(double);
  await expect(unregister({ client, desired: desiredBy({}), wait: 0, clock: Date.now })).rejects.toMatchObject({
    code: "E_REGISTRATION_OWNER",
    message: 'registration "flyte-pod-webhook" belongs to "installation other/one\\n\\u001b[2J", and is left alone',
  });
  expect(double.asked.map(({ method }) => method)).toEqual(["GET"]);
});
