/** Container images without a registry: an archive as `docker save` writes it, from files of this machine. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { arch } from "node:os";
import { dirname, join, posix } from "node:path";

import { ClusterError } from "../errors.ts";
import { lastLines, run } from "../processes/run.ts";

/** What stands at a path of the image. */
export type ImageFile =
  /** A file of this machine; links are followed. */
  | { readonly from: string; readonly mode?: number }
  | { readonly text: string; readonly mode?: number }
  /** A symbolic link. */
  | { readonly link: string };

export interface LocalImage {
  /** A whole name, such as `docker.io/local/busybox:1`. */
  readonly name: string;
  /** By absolute path. */
  readonly files: Readonly<Record<string, ImageFile>>;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** `uid` or `uid:gid` */
  readonly user?: string;
  readonly workingDirectory?: string;
}

/**
 * Writes the archive of an image.
 * @param file where to
 * @throws ClusterError `E_CLUSTER_IMAGE`
 */
export async function writeArchive(image: LocalImage, file: string): Promise<void> {
  const folder = await mkdtemp(`${file}.`);
  try {
    const root = join(folder, "root");
    // Whoever runs in the container may look.
    await mkdir(root, { mode: 0o755 });
    for (const [path, content] of Object.entries(image.files)) await place(root, path, content);
    const layer = join(folder, "layer.tar");
    await tar(root, layer, ["."]);
    const diffId = `sha256:${await sha256(layer)}`;
    await writeFile(join(folder, "config.json"), JSON.stringify(configOf(image, diffId)));
    const manifest = [{ Config: "config.json", RepoTags: [image.name], Layers: ["layer.tar"] }];
    await writeFile(join(folder, "manifest.json"), JSON.stringify(manifest));
    await tar(folder, file, ["manifest.json", "config.json", "layer.tar"]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function place(root: string, path: string, content: ImageFile): Promise<void> {
  if (!path.startsWith("/") || posix.normalize(path) !== path) {
    throw new ClusterError("E_CLUSTER_IMAGE", `an image has no path ${JSON.stringify(path)}`, "Write it absolute.");
  }
  const target = join(root, path);
  await mkdir(dirname(target), { recursive: true, mode: 0o755 });
  if ("link" in content) return await symlink(content.link, target);
  if ("from" in content) await copyFile(content.from, target);
  else await writeFile(target, content.text);
  await chmod(target, content.mode ?? ("from" in content ? 0o755 : 0o644));
}

/** https://github.com/opencontainers/image-spec/blob/main/config.md */
function configOf(image: LocalImage, diffId: string): object {
  const { entrypoint, command, env, user, workingDirectory } = image;
  return {
    architecture: arch() === "x64" ? "amd64" : arch(),
    os: "linux",
    config: {
      Entrypoint: entrypoint,
      Cmd: command,
      Env: Object.entries({ PATH: "/usr/local/bin:/usr/bin:/bin", ...env }).map(([name, value]) => `${name}=${value}`),
      User: user,
      WorkingDir: workingDirectory,
    },
    rootfs: { type: "layers", diff_ids: [diffId] },
  };
}

/** The same files give the same bytes. */
async function tar(folder: string, file: string, names: readonly string[]): Promise<void> {
  const reproducible = ["--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mtime=@0"];
  const { code, stderr } = await run("tar", [...reproducible, "-C", folder, "-cf", file, ...names]);
  if (code === 0) return;
  throw new ClusterError("E_CLUSTER_IMAGE", `tar ended with ${code}: ${lastLines(stderr, 2)}`, "See its words.");
}

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
