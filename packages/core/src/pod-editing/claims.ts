/**
 * What the secrets of one pod put into each of its containers, whatever these hold. Whether two secrets exclude each
 * other is told by this alone: a variable or a mount of the user's hides a clash, a container that another webhook adds
 * shows it, and the API server calls again with that one in the pod.
 */
import type { Claims } from "../injector.ts";
import type { EnvVar, VolumeMount } from "../pod.ts";
import { quoted } from "../printable.ts";
import { SecretError } from "../errors.ts";
import { envCollision, isSameEnvVar, type EnvVarContent } from "./same-env-var.ts";
import { overlapOf } from "./mount-overlap.ts";
import { cleanMountPath } from "./mount-path.ts";

/** The claims of all secrets that were given, and of the one that is being asked for. */
export interface ClaimBook {
  readonly claims: Claims;
  /** Whether some secret wants an env var of that name. */
  hasEnv(name: string): boolean;
  /** All mounts, in the order in which they were wanted. */
  readonly mounts: readonly VolumeMount[];
  /** The secret that was asked for is given. */
  keep(): void;
  /** It is not, at least not by whoever was asked. */
  drop(): void;
}

/** @param mountRoot directory below which nesting matters, see {@link overlapOf} */
export function openClaims(mountRoot: string): ClaimBook {
  const env = new Map<string, EnvVarContent>();
  const mounts: VolumeMount[] = [];
  const paths: string[] = [];
  const freshNames: string[] = [];
  let keptMounts = 0;
  return {
    claims: Object.freeze({
      env(entry: EnvVar) {
        const claimed = env.get(entry.name);
        if (claimed === undefined) {
          const { name, value, valueFrom } = entry;
          // An injector may go on with its object, and make another env var of it.
          env.set(name, { value, valueFrom });
          freshNames.push(name);
        } else if (!isSameEnvVar(claimed, entry)) throw envCollision(entry.name, claimed);
      },
      mount(mount: VolumeMount) {
        const path = cleanMountPath(mount);
        for (const [index, other] of mounts.entries()) {
          const otherPath = paths[index] as string;
          if (other.name === mount.name && otherPath === path) return;
          const how = other.name === mount.name ? undefined : overlapOf(other, otherPath, mount, path, mountRoot);
          if (how !== undefined) throw conflict(other, mount, how);
        }
        mounts.push({ ...mount });
        paths.push(path);
      },
    }),
    hasEnv: (name) => env.has(name),
    mounts,
    keep() {
      freshNames.length = 0;
      keptMounts = mounts.length;
    },
    drop() {
      for (const name of freshNames) env.delete(name);
      freshNames.length = 0;
      mounts.length = keptMounts;
      paths.length = keptMounts;
    },
  };
}

function conflict(other: VolumeMount, mount: VolumeMount, how: string): SecretError {
  const message = `volume ${quoted(other.name)} of another secret ${how} ${quoted(mount.mountPath, 120)}`;
  return new SecretError("E_MOUNT_CONFLICT", message);
}
