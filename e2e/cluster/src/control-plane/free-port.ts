/** Ports of 127.0.0.1 that are free at the moment. */
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";

/** @param count how many; they differ */
export async function freePorts(count: number): Promise<number[]> {
  const probes = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const probe of probes) {
    probe.listen(0, "127.0.0.1");
    await once(probe, "listening");
    ports.push((probe.address() as AddressInfo).port);
  }
  await Promise.all(
    probes.map(async (probe) => {
      const closed = once(probe, "close");
      probe.close();
      await closed;
    }),
  );
  return ports;
}

export async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  try {
    probe.listen(port, "127.0.0.1");
    await once(probe, "listening");
    return true;
  } catch {
    return false;
  } finally {
    probe.close();
  }
}
