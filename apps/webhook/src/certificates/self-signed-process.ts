/** The process of `self-signed-apart.ts`: what is wanted comes by standard input, what is made goes by standard output. */
import { text } from "node:stream/consumers";

import { makeSelfSigned, type Holder } from "./self-signed.ts";

const { now, holder } = JSON.parse(await text(process.stdin)) as { readonly now: number; readonly holder: Holder };
process.stdout.write(JSON.stringify(await makeSelfSigned(now, holder)));
