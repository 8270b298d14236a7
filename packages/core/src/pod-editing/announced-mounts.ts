/**
 * Mounts that are not in the pod yet, since another webhook adds them: a mount path has one owner all the same. The
 * Vault Agent Injector mounts its volumes, writable, where annotations of the pod say (vault-k8s 1.7.6,
 * `agent-inject/agent/annotations.go`).
 */
import { SecretError } from "../errors.ts";
import type { Annotations, Pod, VolumeMount } from "../pod.ts";
import { quoted } from "../printable.ts";
import { annotation } from "./annotations.ts";
import { cleanMountPath, cleanPath, isAtOrBelow } from "./mount-path.ts";
import { overlapOf } from "./mount-overlap.ts";

/** How a pod announces the mount of the Vault Agent Injector. */
export const VAULT_AGENT = {
  /** Annotation: whether the pod gets an agent at all, as {@link goParseBool} reads it. */
  inject: "vault.hashicorp.com/agent-inject",
  /** Annotation: where the agent's files are mounted. With `-` and the id of a secret, where that one's file is. */
  volumePath: "vault.hashicorp.com/secret-volume-path",
  /** Where they are mounted without it. */
  defaultVolumePath: "/vault/secrets",
  /** Start of the annotations that name a secret, and so make a file; the id of the secret follows. */
  secretPrefix: "vault.hashicorp.com/agent-inject-secret-",
  /** Start of the annotations that name a secret's file below the volume path; the id of the secret follows. */
  filePrefix: "vault.hashicorp.com/agent-inject-file-",
  /** Name of the volume with the files. */
  volume: "vault-secrets",
} as const;

/** Whether an annotation is one of those by which a pod announces files and directories. */
export function isAnnouncement(name: string): boolean {
  return name.startsWith("vault.hashicorp.com/");
}

/** A file that the Vault agent writes, and the annotation that says so. */
export interface AgentFile {
  readonly annotation: string;
  /** As the annotation has it, below the volume path. */
  readonly file: string;
  /** The file's whole path, clean. */
  readonly path: string;
}

/**
 * The files that the Vault agent writes in a pod.
 * @param annotations all of the pod
 * @param some those of them whose files are wanted
 */
export function agentFiles(annotations: Annotations, some: Annotations = annotations): readonly AgentFile[] {
  const files: AgentFile[] = [];
  for (const name of Object.keys(some)) {
    const id = idOf(name, annotations);
    if (id === undefined) continue;
    const file = (name.startsWith(VAULT_AGENT.filePrefix) ? some[name] : undefined) ?? "";
    // Without a name it is the id, in lower case.
    const path = cleanPath(`${agentVolumePath(annotations, id)}/${file === "" ? id.toLowerCase() : file}`);
    files.push({ annotation: name, file, path });
  }
  return files;
}

/** The id of a secret, from the one annotation that says what its file is called. */
function idOf(name: string, annotations: Annotations): string | undefined {
  if (name.startsWith(VAULT_AGENT.filePrefix)) return name.slice(VAULT_AGENT.filePrefix.length);
  if (!name.startsWith(VAULT_AGENT.secretPrefix)) return undefined;
  const id = name.slice(VAULT_AGENT.secretPrefix.length);
  return Object.hasOwn(annotations, VAULT_AGENT.filePrefix + id) ? undefined : id;
}

/** Where the agent's files are mounted, or the file of one secret. */
function agentVolumePath(annotations: Annotations, id: string): string {
  return ownValue(annotations, `${VAULT_AGENT.volumePath}-${id}`) ?? sharedVolumePath(annotations);
}

function sharedVolumePath(annotations: Annotations): string {
  return ownValue(annotations, VAULT_AGENT.volumePath) ?? VAULT_AGENT.defaultVolumePath;
}

/**
 * Checks that another webhook can add what the pod announces, beside a mount of a secret.
 * @throws SecretError `E_MOUNT_CONFLICT`
 */
export function checkAnnounced(pod: Pod, mount: VolumeMount, mountRoot: string): void {
  if (goParseBool(annotation(pod, VAULT_AGENT.inject) ?? "") !== true) return;
  const { mounts, files } = announcedBy(pod.metadata?.annotations ?? {});
  const path = cleanMountPath(mount);
  for (const announced of mounts) {
    const how = overlapOf(announced, cleanMountPath(announced), mount, path, mountRoot);
    if (how !== undefined && announced.name !== mount.name) throw announcedConflict(announced, mount, how);
  }
  const hidden = files.find((file) => isAtOrBelow(file.path, path));
  if (hidden !== undefined) throw hides(mount, hidden);
}

/** What the annotations of a pod announce. */
interface Announced {
  readonly mounts: readonly VolumeMount[];
  readonly files: readonly AgentFile[];
}

const ANNOUNCED = new WeakMap<Annotations, Announced>();

/** Reads annotations once, and not again for every mount: a pod may have thousands. */
function announcedBy(annotations: Annotations): Announced {
  let announced = ANNOUNCED.get(annotations);
  if (announced === undefined) {
    announced = { mounts: announcedMounts(annotations), files: agentFiles(annotations) };
    ANNOUNCED.set(annotations, announced);
  }
  return announced;
}

/** One volume for all files, and one more for each other directory that a secret names for its file. */
function announcedMounts(annotations: Annotations): readonly VolumeMount[] {
  const paths = new Set(agentDirectories(annotations).map(({ path }) => path));
  return [
    { name: VAULT_AGENT.volume, mountPath: sharedVolumePath(annotations) },
    ...[...paths].map((mountPath, index) => ({ name: `${VAULT_AGENT.volume}-custom-${index}`, mountPath })),
  ];
}

/** A directory of its own for the file of one secret: another volume. */
export interface AgentDirectory {
  readonly annotation: string;
  readonly path: string;
}

/**
 * The directories beside the one for all files.
 * @param annotations all of the pod
 * @param some those of them whose directories are wanted
 */
export function agentDirectories(annotations: Annotations, some: Annotations = annotations): readonly AgentDirectory[] {
  const shared = sharedVolumePath(annotations);
  const start = `${VAULT_AGENT.volumePath}-`;
  return Object.keys(some)
    .filter((name) => name.startsWith(start) && some[name] !== shared)
    .map((name) => ({ annotation: name, path: some[name] ?? "" }));
}

/** A truth value as Go's `strconv.ParseBool` reads it; undefined where that is an error. */
export function goParseBool(value: string): boolean | undefined {
  if (["1", "t", "T", "true", "TRUE", "True"].includes(value)) return true;
  return ["0", "f", "F", "false", "FALSE", "False"].includes(value) ? false : undefined;
}

function ownValue(annotations: Annotations, key: string): string | undefined {
  return Object.hasOwn(annotations, key) ? annotations[key] : undefined;
}

function announcedConflict(announced: VolumeMount, mount: VolumeMount, how: string): SecretError {
  const message = `volume ${quoted(announced.name)} of the Vault Agent Injector ${how} ${quoted(mount.mountPath, 120)}`;
  return new SecretError("E_MOUNT_CONFLICT", message);
}

function hides(mount: VolumeMount, { path }: AgentFile): SecretError {
  const message = `volume ${quoted(mount.name)} at ${quoted(mount.mountPath, 60)} would hide ${quoted(path, 60)}, a file of the Vault agent`;
  return new SecretError("E_MOUNT_CONFLICT", message);
}
