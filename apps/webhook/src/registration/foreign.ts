/** A registration that is somebody else's. */
import { quoted } from "@pod-secrets/core";

import { AppError } from "../errors.ts";
import type { DesiredRegistration } from "./desired-registration.ts";

/** @param owner whose it is, as `foreignOwner` says it */
export function foreignRegistration({ name, installation }: DesiredRegistration, owner: string): AppError {
  return new AppError(
    "E_REGISTRATION_OWNER",
    `registration ${quoted(name, 253)} belongs to ${quoted(owner, 320)}, and is left alone: ` +
      `this is ${quoted(`installation ${installation}`, 340)}`,
  );
}
