/**
 * TLS in front of a server that speaks plain HTTP on loopback (and asks for a token itself).
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
  /** Lets go of the port; who is connected stays so. */
  stop(): void;
  /** Cuts all connections that are left, and returns once it is closed. */
  cut(): Promise<void>;
}

/**
 * Opens it on loopback; HTTP/2 is offered.
 *
 * @param options `plainPort` is where the server behind listens; PEM texts
 */
export async function openTlsFront(
  options: { readonly plainPort: number; readonly cert: string; readonly key: string },
): Promise<TlsFront> {
  const { plainPort, cert, key } = options;
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
    // What came before its end is still sent.
    inner.on("close", (failed) => failed ? outer.destroy() : outer.end());
    outer.pipe(inner).pipe(outer);
  });
  // A connection in its handshake has no TLSSocket yet, and must be cut as well.
  listener.on("connection", keep);
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  // A connection that could not be taken is the client's to open anew.
  listener.on("error", () => {});
  const closed = once(listener, "close");
  return {
    port: (listener.address() as AddressInfo).port,
    stop() {
      listener.close();
    },
    async cut() {
      for (const each of open) each.destroy();
      await closed;
    },
  };
}
