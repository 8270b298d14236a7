/** When two mounts cannot be in one container. */
import type { VolumeMount } from "../pod.ts";
import { isAtOrBelow } from "./mount-path.ts";

/**
 * How a mount that is there stands in the way of another, as part of a sentence: at its path, where the API server
 * refuses the pod; or one read-only over or under the other, where the runtime cannot make the directory.
 * @param path the mount's path, clean
 * @param wantedPath that of the other, clean
 * @param mountRoot elsewhere than in and at this directory the image may have the directory, so nesting there is the user's business
 */
export function overlapOf(
  existing: VolumeMount,
  path: string,
  wanted: VolumeMount,
  wantedPath: string,
  mountRoot: string,
): string | undefined {
  if (path === wantedPath) return "is mounted at";
  const isUnder = existing.readOnly === true && isAtOrBelow(wantedPath, path);
  const isOver = wanted.readOnly === true && isAtOrBelow(path, wantedPath);
  if ((!isUnder && !isOver) || !isAtOrBelow(path, mountRoot)) return undefined;
  return isUnder ? "is mounted read-only above" : "is mounted below";
}
