/**
 * Preloaded into a process of the webhook: the clock on its wall is wrong by as many milliseconds as the file says
 * that POD_SECRETS_CLOCK_SHIFT names. The file is read ten times a second, so that the clock jumps while it runs.
 */
import { readFileSync } from "node:fs";

const RightDate = Date;
let shift = 0;

globalThis.Date = class extends RightDate {
  constructor(...args) {
    if (args.length === 0) super(RightDate.now() + shift);
    else super(...args);
  }

  static now() {
    return RightDate.now() + shift;
  }
};

setInterval(() => {
  shift = Number(readFileSync(process.env.POD_SECRETS_CLOCK_SHIFT, "utf8"));
}, 100).unref();
