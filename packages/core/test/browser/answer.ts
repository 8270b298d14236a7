import type * as Core from "../../src/index.ts";

/**
 * A review answered by whichever core is given, with most of the pod editing in it: the same in Node and, as its source
 * text, in a web page. So it names nothing but its argument.
 */
export async function answerAsJson(core: typeof Core): Promise<string> {
  const profile = core.PROFILES["flyte-v2"];
  const manager: Core.SecretInjector = {
    name: "manager",
    async inject(pod, request, context) {
      await Promise.resolve();
      const { naming } = context;
      const value = core.literalEnvValue("grüße $(HOME)");
      const withEnv = core.addEnv(pod, context, [{ name: naming.envName(request), value }, core.envPrefixVar(context)]);
      const [groupVersion, key, path] = [request.groupVersion, request.key, naming.fileName(request)];
      const item = { secretName: naming.group(request), groupVersion, key, path, optional: true };
      const { pod: withItem, volumeName } = core.addSecretItem(withEnv, item);
      const mount = { name: volumeName, mountPath: naming.directory(request), readOnly: true };
      const withFile = core.addFileLookup(core.addMount(withItem, context, mount), context, request);
      const container = { name: `fetch-${core.stableId(request.key)}`, image: "fetch:1" };
      return core.injected(
        core.addAnnotations(core.addInitContainer(withFile, container, "first"), { "a.example/b": "c" }),
      );
    },
  };
  const asks = [
    { group: "user-info", key: "password" },
    { key: "token", envVar: "MY_VAR" },
    { group: "a-group-with-a-name-that-is-too-long-for-a-volume", key: "k", mountRequirement: "FILE" },
  ] as const;
  const review = core.decodeReview({
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: {
      uid: "1",
      operation: "CREATE",
      resource: { group: "", version: "v1", resource: "pods" },
      namespace: "ns",
      object: {
        metadata: { annotations: core.encodeRequests(asks), labels: { [core.INJECT_LABEL]: "true" } },
        spec: { containers: [{ name: "main", image: "i", env: [{ name: "MY_VAR", value: "mine" }] }] },
      },
    },
  });
  const settings = { profile, naming: core.createNaming(profile), injectors: [manager], onFailure: "deny" } as const;
  const { response } = await core.answerReview(review, settings, Number.MAX_SAFE_INTEGER);
  return core.encodeReview(review.apiVersion, response);
}
