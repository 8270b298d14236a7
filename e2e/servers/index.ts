/** Real servers on 127.0.0.1, for tests of secrets that live outside of Kubernetes. */
export { startConfidant, type Confidant } from "./confidant.ts";
export { pythonSupport } from "./find-python.ts";
export { START_TIMEOUT } from "./installation.ts";
export { startMoto, type Moto } from "./moto.ts";
