/** Which requests go by HTTP/2, and which by HTTP/1.1. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import { CertificateAuthority } from "../../lib/apiserver/doors/certificates.ts";
import { HttpTransport } from "../../lib/kube/http_transport.ts";

/** Does `work` with a transport to a server that speaks both; `seen` gets the protocol and the path of each request. */
async function withServer(work: (transport: HttpTransport, seen: string[]) => Promise<void>): Promise<void> {
  const seen: string[] = [];
  const serve = (protocol: string) =>
    Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
      const { pathname } = new URL(request.url);
      seen.push(`${protocol} ${pathname}`);
      await request.body?.cancel();
      // A watch stays open.
      return new Response(pathname === "/watch" ? new Blob([" "]).stream().pipeThrough(open()) : "{}");
    });
  await using http2 = serve("h2");
  await using http1 = serve("http/1.1");
  const issuer = new CertificateAuthority("test");
  const { certificate: cert, key } = issuer.forServer(["127.0.0.1"]);
  const front = createServer({ cert, key, ALPNProtocols: ["h2", "http/1.1"] }, (outer: TLSSocket) => {
    const { port } = (outer.alpnProtocol === "h2" ? http2 : http1).addr;
    const inner = connect({ host: "127.0.0.1", port });
    outer.pipe(inner).pipe(outer);
    outer.on("error", () => {}).on("close", () => inner.destroy());
    inner.on("error", () => {}).on("close", () => outer.destroy());
  });
  front.listen(0, "127.0.0.1");
  await once(front, "listening");
  const credentials = { caCerts: [issuer.certificate] };
  const transport = new HttpTransport({
    server: new URL(`https://127.0.0.1:${(front.address() as AddressInfo).port}`),
    compression: false,
    origin: "test",
    credentials: () => Promise.resolve(credentials),
  });
  try {
    await work(transport, seen);
  } finally {
    transport.close();
    front.close();
  }
}

/** Passes on what comes, and does not end. */
function open(): TransformStream<Uint8Array, Uint8Array<ArrayBuffer>> {
  return new TransformStream({ flush: () => new Promise(() => {}) });
}

const long = "x".repeat(1_100);

Deno.test("long bodies go by HTTP/1.1, all else by HTTP/2", () =>
  withServer(async (transport, seen) => {
    const send = (path: string, bodyJson?: unknown) =>
      transport.performRequest({ method: bodyJson ? "POST" : "GET", path, bodyJson, expectJson: true });
    await send("/read");
    await send("/short", { a: "x" });
    await send("/long", { a: long });
    const bodyRaw = new TextEncoder().encode(long);
    await transport.performRequest({ method: "PUT", path: "/raw", bodyRaw, expectJson: true });
    assert.deepEqual(seen, ["h2 /read", "h2 /short", "http/1.1 /long", "http/1.1 /raw"]);
  }));

Deno.test("what is answered by HTTP/1.1 says nothing of the connection of the watches", () =>
  withServer(async (transport) => {
    const watch = await transport.performRequest({ method: "GET", path: "/watch", expectStream: true });
    const reader = watch.getReader();
    await reader.read();
    const heard = transport.heardAt(watch);
    await transport.performRequest({ method: "POST", path: "/", bodyJson: { a: long }, expectJson: true });
    assert.equal(transport.heardAt(watch), heard);
    await transport.performRequest({ method: "POST", path: "/", bodyJson: {}, expectJson: true });
    assert.ok(transport.heardAt(watch)! > heard!);
    await reader.cancel();
  }));
