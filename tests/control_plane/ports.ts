/** Free TCP ports on loopback. */

const given = new Set<number>();

/**
 * A port that nothing listens on now and that was not given out before by this process. Below the range from
 * which systems take the ports of outgoing connections, so that a server can come back on it after a restart.
 */
export function freePort(): number {
  for (let attempt = 0; attempt < 1000; attempt++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
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
  throw new Error("No free TCP port between 20000 and 32000 on 127.0.0.1");
}
