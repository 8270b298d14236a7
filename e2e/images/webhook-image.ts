/** Images by the Dockerfiles of deploy, on a base that is made of this machine's Node and its libraries. */
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { writeArchive, type ImageFile } from "../cluster/src/images/archive.ts";
import { librariesOf } from "../cluster/src/images/images.ts";
import { run } from "../cluster/src/processes/run.ts";
import { ToolError } from "../tools/tool-error.ts";
import { openBuildah } from "./buildah.ts";

const DEPLOY = join(import.meta.dirname, "../../deploy");
const BASE = "localhost/node-base:24";

export interface WebhookImage {
  /** Under this name it stands in the archive: `REPOSITORY:VERSION`. */
  readonly name: string;
  readonly repository: string;
  /** Its configuration, as the image's format has it. */
  readonly config: ImageConfig;
  /** What the Dockerfile adds to its base. */
  readonly added: AddedLayers;
}

export interface AddedLayers {
  /** Unpacked. */
  readonly bytes: number;
  /** Paths, without the first slash. */
  readonly files: readonly string[];
}

/** https://github.com/opencontainers/image-spec/blob/main/config.md */
export interface ImageConfig {
  readonly User?: string;
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly ExposedPorts?: Readonly<Record<string, unknown>>;
  readonly StopSignal?: string;
  readonly Labels?: Readonly<Record<string, string>>;
}

export interface BuildOptions {
  /** Its file in `deploy`: `Dockerfile` by default, and `Dockerfile.fetch` for the program that fetches secrets. */
  readonly dockerfile?: string;
  /** The folder of the bundle, `apps/webhook/dist` or a copy. */
  readonly bundle: string;
  readonly version: string;
  /** Name without version; `docker.io/local/webhook` by default. */
  readonly repository?: string;
  /** Where the docker archive goes. */
  readonly archive: string;
}

/** @throws ToolError */
export async function buildWebhookImage(options: BuildOptions): Promise<WebhookImage> {
  const { bundle, version, archive, repository = "docker.io/local/webhook", dockerfile = "Dockerfile" } = options;
  const folder = await mkdtemp(join(tmpdir(), "pod-secrets-image-"));
  try {
    const buildah = await openBuildah(join(folder, "storage"));
    const base = join(folder, "base.tar");
    await writeArchive({ name: BASE, files: await baseFiles(), env: { PATH: "/usr/bin:/bin" } }, base);
    await buildah(["pull", `docker-archive:${base}`]);
    const name = `${repository}:${version}`;
    const args = ["--build-arg", `BASE=${BASE}`, "--build-arg", `VERSION=${version}`, "--isolation", "chroot"];
    await buildah(["bud", ...args, "--file", join(DEPLOY, dockerfile), "--tag", name, bundle]);
    await buildah(["push", name, `docker-archive:${archive}:${name}`]);
    const inspected = JSON.parse(await buildah(["inspect", "--type", "image", name])) as Inspected;
    return { name, repository, config: inspected.OCIv1.config, added: await addedLayers(archive) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What distroless images of Node consist of, as far as Node needs it. */
async function baseFiles(): Promise<Readonly<Record<string, ImageFile>>> {
  return {
    "/nodejs/bin/node": { from: process.execPath },
    ...(await librariesOf(process.execPath)),
    "/etc/passwd": {
      text: "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n",
    },
    "/etc/group": { text: "root:x:0:\nnonroot:x:65532:\n" },
  };
}

interface Inspected {
  readonly OCIv1: { readonly config: ImageConfig };
}

/** The layers above the one of the base. */
async function addedLayers(archive: string): Promise<AddedLayers> {
  const folder = await mkdtemp(join(tmpdir(), "pod-secrets-layers-"));
  try {
    await tar(["-xf", archive, "-C", folder]);
    const [image] = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8")) as readonly ArchivedImage[];
    const layers = (image?.Layers ?? []).slice(1).map((layer) => join(folder, layer));
    const [sizes, files] = await Promise.all([
      Promise.all(layers.map(async (layer) => (await stat(layer)).size)),
      Promise.all(layers.map(async (layer) => (await tar(["-tf", layer])).trim().split("\n"))),
    ]);
    return { bytes: sizes.reduce((sum, size) => sum + size, 0), files: files.flat() };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** An entry of `manifest.json` in a docker archive. */
interface ArchivedImage {
  readonly Layers: readonly string[];
}

async function tar(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run("tar", args);
  if (code !== 0) throw new ToolError("E_TOOL_BUILD", `tar ended with ${code}: ${stderr.trim()}`, "See its words.");
  return stdout;
}
