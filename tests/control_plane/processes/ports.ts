/** Free TCP ports on loopback. */

const given = new Set<number>();

/**
 * From where to where ports are taken: `AIM_PORTS`, else a range below the one from which systems take the ports of
 * outgoing connections, so that a server can come back on its port after a restart. Runs side by side get a part each.
 */
const [first, last] = (Deno.env.get("AIM_PORTS") ?? "20000-31999").split("-").map(Number);

/** A port that nothing listens on now and that was not given out before by this process. */
export function freePort(): number {
  for (let attempt = 0; attempt < 1000; attempt++) {
    const port = first + Math.floor(Math.random() * (last - first + 1));
    if (given.has(port)) continue;
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
    } catch (error) {
      if (error instanceof Deno.errors.AddrInUse) continue;
      throw error;
    }
    given.add(port);
    return port;
  }
  throw new Error(`No free TCP port between ${first} and ${last} on 127.0.0.1`);
}
