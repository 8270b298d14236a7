/** Flyte's `embeddedSecretManagerConfig` -> options of `embedded`. */
import type { Draft, FlyteEntry } from "./flyte-draft.ts";
import type { Path } from "../problems.ts";
import {
  setOption,
  setResources,
  settingsIn,
  settingsOf,
  type Amounts,
  type Setting,
  type Target,
} from "./flyte-settings.ts";

/** By Flyte's section: the type of store, and our names of its settings (`config.go` of v2). */
const STORES: ReadonlyMap<string, { readonly type: string; readonly settings: ReadonlyMap<string, string> }> = new Map([
  ["k8sconfig", { type: "k8s", settings: new Map([["namespace", "namespace"]]) }],
  ["awsconfig", { type: "aws", settings: new Map([["region", "region"]]) }],
  ["gcpconfig", { type: "gcp", settings: new Map([["project", "project"]]) }],
  ["azureconfig", { type: "azure", settings: new Map([["vaulturi", "vault"]]) }],
]);

/** What Flyte's clients take last, and ours only when told: here it is the identity of the webhook itself. */
const IDENTITIES: ReadonlyMap<string, Readonly<Record<string, unknown>>> = new Map([
  ["aws", { credentials: ["env", "web-identity", "pod-identity", "node"] }],
  ["azure", { managedIdentity: true }],
]);

const UNPACKER: ReadonlyMap<string, string> = new Map([
  ["image", "image"],
  ["resources", "resources"],
  ["containername", "name"],
]);

const UNPACKER_AMOUNTS: Amounts = { cpu: "100m", memory: "100Mi" };

/** Settings of the section, as Flyte writes them. */
const KNOWN = [
  "type",
  "k8sConfig",
  "awsConfig",
  "gcpConfig",
  "azureConfig",
  "fileMountInitContainer",
  "imagePullSecrets",
];

/** Embedded is Flyte 2's default; here somebody has to ask for it. */
export function refuseUnnamedEmbedded(from: Path, draft: Draft): void {
  draft.problem(
    "E_CONFIG_UNAVAILABLE",
    from,
    "no secret manager is named, and Flyte 2's default puts the values into the pods",
    "Name one: `secretManagerType: Embedded` for that, or K8s, AWS, GCP, Azure or Vault.",
  );
}

/** Who names Embedded in Flyte's file knows where its values go; that labels are not believed everywhere is new to them. */
export function convertEmbedded(target: Target, from: Path, entries: readonly FlyteEntry[]): void {
  const { draft } = target;
  draft.warning(
    "W_CONFIG_EMBEDDED",
    from,
    "Embedded puts values into pods, where whoever may read pods reads them; pods get those of the project and domain of their own namespace PROJECT-DOMAIN, and of organization flyte",
  );
  setOption(target, "accept", "values-in-pods", from);
  const settings = settingsOf("embeddedsecretmanagerconfig", entries, draft);
  const typed = settings.find(({ name }) => name === "type");
  const type = typed === undefined ? "k8s" : typeof typed.value === "string" ? typed.value.toLowerCase() : "";
  const store: Target = { options: {}, path: [...target.path, "store", "settings"], draft };
  setOption(target, "store", { type, settings: store.options }, typed?.from ?? from);
  draft.origin([...target.path, "store", "type"], typed?.from ?? from);
  Object.assign(store.options, IDENTITIES.get(type));
  const unpacker: Target = { options: {}, path: [...target.path, "unpacker"], draft };
  for (const setting of settings) convertSetting(setting, type, { store, unpacker }, draft);
  target.options["unpacker"] = unpacker.options;
}

/** What the settings of Embedded are for. */
interface EmbeddedParts {
  readonly store: Target;
  readonly unpacker: Target;
}

function convertSetting(setting: Setting, type: string, { store, unpacker }: EmbeddedParts, draft: Draft): void {
  const { name, from } = setting;
  if (name === "type") return;
  if (name === "filemountinitcontainer") return rename(setting, UNPACKER, unpacker);
  if (name === "imagepullsecrets") return warnOfImagePullSecrets(setting, draft);
  const section = STORES.get(name);
  if (section === undefined) return draft.unknown(from, KNOWN);
  if (section.type === type) return rename(setting, section.settings, store);
  draft.warning(
    "W_CONFIG_UNUSED",
    from,
    `key "${from.join(".")}" has no effect here: the store is of type ${type}`,
    "Remove it.",
  );
}

function rename({ value, from }: Setting, names: ReadonlyMap<string, string>, target: Target): void {
  for (const setting of settingsIn(from, value, target.draft)) {
    const option = names.get(setting.name);
    if (option === "resources") setResources(target, UNPACKER_AMOUNTS, setting.value, setting.from);
    else if (option !== undefined) setOption(target, option, setting.value, setting.from);
    else if (setting.name === "kubeclientconfig") warnOfLimits(setting, target.draft);
    else target.draft.unknown(setting.from, [...names.keys()]);
  }
}

function warnOfLimits({ from }: Setting, draft: Draft): void {
  const message = `key "${from.join(".")}" has no effect here: calls of the API server are bounded as all reads of a store are`;
  draft.warning("W_CONFIG_UNUSED", from, message);
}

function warnOfImagePullSecrets({ value, from }: Setting, draft: Draft): void {
  const enabled = draft.entries(from, value).find(({ name }) => name === "enabled");
  if (enabled === undefined || enabled.value !== true) return;
  draft.warning(
    "W_CONFIG_UNUSED",
    [...from, enabled.key],
    `key "${[...from, enabled.key].join(".")}" has no effect here: an admission makes no Secrets`,
    "Put image pull secrets on the service accounts of the namespaces.",
  );
}
