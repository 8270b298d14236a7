/** A new generation, in the form in which the Secret will be read. */
import { readBundle } from "../ca-bundle.ts";
import { canonicalName } from "../name.ts";
import { makeSelfSignedApart } from "../self-signed-apart.ts";
import { readGeneration, type CertificatePolicy, type Generation } from "./generation.ts";

/** @param now milliseconds since 1970 */
export async function issueGeneration(
  names: readonly string[],
  { lifetime }: CertificatePolicy,
  now: number,
): Promise<Generation> {
  const { certificate, ca } = await makeSelfSignedApart(now, {
    usage: "server",
    commonName: "pod-secrets webhook",
    // An IPv4 address within an IPv6 one would be written wrongly.
    names: names.map(canonicalName),
    lifetime,
  });
  const read = readGeneration(certificate, readBundle(ca), { certificate: "the certificate", key: "its key" });
  if (!read.ok) throw new Error(`a new certificate cannot be used: ${read.message}`);
  return read.generation;
}
