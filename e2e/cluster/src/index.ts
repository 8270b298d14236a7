/** A real Kubernetes on a bare machine. */
export { findBinaries, type Binaries } from "./binaries/binaries.ts";
export type { Authority, KeyPair } from "./certificates/authority.ts";
export { startControlPlane, type ControlPlane, type User } from "./control-plane/control-plane.ts";
export { KubectlError, type Kubectl, type KubectlOptions, type KubectlResult } from "./control-plane/kubectl.ts";
export type { ControlPlaneOptions } from "./control-plane/options.ts";
export { ClusterError, type ClusterErrorCode } from "./errors.ts";
export type { ImageFile, LocalImage } from "./images/archive.ts";
export { busyboxImage, IMAGES, librariesOf, nodeImage } from "./images/images.ts";
export { startNode, type Node, type NodeOptions } from "./node/node.ts";
export { nodeSupport } from "./node/support.ts";
export { needing, type Support } from "./support.ts";
