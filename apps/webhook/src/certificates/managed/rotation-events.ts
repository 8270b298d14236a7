/** What is told of the rotation while it runs. */
import type { KubernetesError } from "../../kubernetes/kubernetes-client.ts";
import type { Doubt } from "./doubt.ts";
import type { Generation } from "./generation.ts";
import type { Rotation } from "./rotation.ts";

/** Something was thrown that is no failed call. Its text may hold a value. */
export interface RotationFault {
  readonly failure: "fault";
  /** Class of what was thrown. */
  readonly error: string;
}

/** What is told of the rotation. Nothing of it may throw but `onServe`, which is then called again. */
export interface RotationEvents {
  /** It is to be served from now on. */
  readonly onServe: (generation: Generation) => void;
  /** The last good state, whenever it is not the one before. */
  readonly onStep: (rotation: Rotation) => void;
  /** The Secret is damaged. It is mended, and until then what is served stays. */
  readonly onDamage: (problem: string) => void;
  /** What was done to it is undone each time. It is mended more slowly, and until then what is served stays. */
  readonly onFight: () => void;
  /** It would have to be replaced for its dates or names, and is left to the others: a clock or a configuration is wrong. */
  readonly onDoubt: (about: Doubt) => void;
  /** Somebody else writes the Secret: nothing is done with it. */
  readonly onForeign: (by: string) => void;
  /** A look ended well: the Secret is good, and no call failed. */
  readonly onGood: () => void;
  /** A call or something else failed; it will be tried again. */
  readonly onFailure: (error: KubernetesError | RotationFault) => void;
}
