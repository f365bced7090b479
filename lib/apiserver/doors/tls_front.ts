/**
 * TLS in front of a server that speaks plain HTTP on loopback.
 *
 * `Deno.serve` can do TLS itself, but leaves Nagle's algorithm on then: what follows another small packet on the same
 * connection (a body its head, an answer an event) waits for the client's acknowledgement, that is 40 ms. (The HTTP/2 server
 * of `node:http2` can do without, but ends the process by a fault of its own now and then.)
 */
import { once } from "node:events";
import { type AddressInfo, connect, type Socket } from "node:net";
import { createServer, type TLSSocket } from "node:tls";

export interface TlsFront {
  readonly port: number;
  /** Cuts all connections and lets go of the port. */
  close(): Promise<void>;
}

/**
 * Opens it on loopback; HTTP/2 is offered.
 *
 * @param options `port` 0 takes one that is free; `plainPort` is where the server behind listens; PEM texts
 * @throws with code `EADDRINUSE` where the port is taken
 */
export async function openTlsFront(
  options: { readonly port: number; readonly plainPort: number; readonly cert: string; readonly key: string },
): Promise<TlsFront> {
  const { port, plainPort, cert, key } = options;
  const open = new Set<Socket>();
  const keep = (socket: Socket) => {
    open.add(socket);
    // "close" follows an error.
    socket.on("error", () => {}).on("close", () => open.delete(socket));
  };
  const listener = createServer({ cert, key, ALPNProtocols: ["h2", "http/1.1"] }, (outer: TLSSocket) => {
    outer.setNoDelay(true);
    const inner = connect({ host: "127.0.0.1", port: plainPort, noDelay: true });
    for (const socket of [outer, inner]) keep(socket);
    outer.on("close", () => inner.destroy());
    inner.on("close", () => outer.destroy());
    outer.pipe(inner).pipe(outer);
  });
  // Of one whose handshake is not over nothing else is known.
  listener.on("connection", keep);
  listener.listen(port, "127.0.0.1");
  await once(listener, "listening");
  return {
    port: (listener.address() as AddressInfo).port,
    async close() {
      const closed = once(listener, "close");
      listener.close();
      for (const each of open) each.destroy();
      await closed;
    },
  };
}
