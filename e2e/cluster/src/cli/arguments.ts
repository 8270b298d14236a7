/** What `npm run cluster -- ARGS` was asked for. */
import { ClusterError } from "../errors.ts";

export type Asked =
  | { readonly kind: "help" }
  | { readonly kind: "up"; readonly hasNode: boolean }
  | { readonly kind: "down" }
  | { readonly kind: "status" }
  | { readonly kind: "kubectl" | "helm"; readonly args: readonly string[] }
  | { readonly kind: "image"; readonly program: Program; readonly name: string }
  | { readonly kind: "load-image"; readonly file: string };

/** What an image is of: the webhook, or the program that fetches secrets in pods. */
export type Program = "webhook" | "fetch";

/** As docs/install.md calls them. */
const IMAGES: Readonly<Record<Program, string>> = {
  webhook: "registry.example.com/pod-secrets:0.0.0",
  fetch: "registry.example.com/pod-secrets-fetch:0.0.0",
};

export const HELP = `Usage: npm run -s cluster -- COMMAND

A real Kubernetes on this machine, without containers or virtual machines around it.

  up [--no-node]   Start a cluster in the background, and say where its kubeconfig is.
                   The node, on which pods run, needs Linux and root; --no-node leaves it out.
  down             End it, and clean up after clusters whose process is gone.
  status           Say what runs.
  kubectl ARGS     Run kubectl with the cluster's kubeconfig.
  helm ARGS        Run Helm with it; built from source once, as the other programs.
  image [NAME:TAG] Build the webhook's image from deploy/Dockerfile and the built bundle (npm run build), and load
                   it into the node, under the name of docs/install.md: ${IMAGES.webhook}.
  fetch-image [NAME:TAG]
                   The same with deploy/Dockerfile.fetch, for managers that fetch:
                   ${IMAGES.fetch}.
  load-image FILE  Load a docker or OCI archive into the node; pods use it with imagePullPolicy: IfNotPresent.
  --help           This text.

The programs are built from source once, by Go 1.26 or newer, into $XDG_CACHE_HOME/pod-secrets (or ~/.cache);
KUBEBUILDER_ASSETS=FOLDER takes etcd, kube-apiserver and kubectl from there.

Exit codes: 0 done; 1 it failed, or (status) no cluster runs; 2 wrong use; 70 a fault of the program itself;
130, 143 after a signal; kubectl's and Helm's own.
`;

/** @throws ClusterError `E_CLUSTER_USAGE` */
export function readArguments(args: readonly string[]): Asked {
  const [command, ...rest] = args;
  if (command === "kubectl" || command === "helm") return { kind: command, args: rest };
  if (args.includes("--help") || args.includes("-h") || command === "help") return { kind: "help" };
  switch (command) {
    case "up":
      return readUp(rest);
    case "down":
    case "status":
      if (rest[0] !== undefined) throw usage(`${command} takes no argument, and got ${JSON.stringify(rest[0])}`);
      return { kind: command };
    case "image":
      return readImage("webhook", rest);
    case "fetch-image":
      return readImage("fetch", rest);
    case "load-image":
      if (rest[0] === undefined || rest.length > 1) throw usage("load-image takes one file");
      return { kind: "load-image", file: rest[0] };
    case undefined:
      throw usage("no command is given");
    default:
      throw usage(`there is no command ${JSON.stringify(command)}`);
  }
}

function readUp(flags: readonly string[]): Asked {
  const unknown = flags.find((flag) => flag !== "--no-node");
  if (unknown !== undefined) throw usage(`up has no flag ${JSON.stringify(unknown)}`);
  return { kind: "up", hasNode: flags.length === 0 };
}

/** As far as the reference of an image needs no more: https://pkg.go.dev/github.com/distribution/reference */
const NAME = /^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)+:[\w.-]{1,128}$/;

function readImage(program: Program, [name = IMAGES[program], ...more]: readonly string[]): Asked {
  const command = program === "webhook" ? "image" : "fetch-image";
  if (more.length > 0) throw usage(`${command} takes one name`);
  if (!NAME.test(name))
    throw usage(`${command} takes a name such as ${IMAGES[program]}, and got ${JSON.stringify(name)}`);
  return { kind: "image", program, name };
}

function usage(message: string): ClusterError {
  return new ClusterError("E_CLUSTER_USAGE", message, "Run `npm run -s cluster -- --help` to see the commands.");
}
