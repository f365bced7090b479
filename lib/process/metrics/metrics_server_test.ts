/** What readers that take nothing cost. Rights and certificates: `tests/process/metrics_server_test.ts`. */

import assert from "node:assert/strict";
import { selfSigned } from "./metrics_certificate.ts";
import { type MetricsServer, serveMetrics } from "./metrics_server.ts";

const pair = await selfSigned(["localhost"]);
/** More than a connection holds on its way. */
const text = "a_metric 1\n".repeat(1_500_000);

async function serve({ tls, patience }: { tls: boolean; patience?: number }): Promise<MetricsServer> {
  return await serveMetrics({
    address: { hostname: "127.0.0.1", port: 0 },
    metrics: { contentType: "text/plain", text: () => Promise.resolve(text) },
    log: (message, error) => console.error(message, error),
    secure: tls
      ? { certificate: pair, http2: false, mayGet: () => Promise.resolve("allowed" as const) }
      : undefined,
    patience,
  });
}

/** Asks, and reads no more than the first line. */
async function ask({ port }: MetricsServer, tls: boolean): Promise<{ code: string; connection: Deno.Conn }> {
  const at = { hostname: "localhost", port };
  const connection = tls ? await Deno.connectTls({ ...at, caCerts: [pair.cert] }) : await Deno.connect(at);
  const request = "GET /metrics HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer x\r\n\r\n";
  await connection.write(new TextEncoder().encode(request));
  const start = new Uint8Array(12);
  await connection.read(start);
  return { code: new TextDecoder().decode(start).split(" ")[1], connection };
}

/** How many bytes still come to a reader who takes two seconds for all of them. */
async function restSlowly(connection: Deno.Conn): Promise<number> {
  let bytes = 0;
  const chunk = new Uint8Array(text.length / 200);
  try {
    for (let read; (read = await connection.read(chunk)) !== null; bytes += read) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  } catch { /* cut off */ }
  connection.close();
  return bytes;
}

Deno.test("more than 32 answers are never on their way: the next gets 503, until one has ended", async () => {
  const server = await serve({ tls: false });
  const slow = await Promise.all(Array.from({ length: 32 }, () => ask(server, false)));
  assert.deepEqual(slow.map(({ code }) => code), Array(32).fill("200"));
  const refused = await ask(server, false);
  assert.equal(refused.code, "503");
  refused.connection.close();
  slow[0].connection.close();
  for (;;) {
    const { code, connection } = await ask(server, false);
    connection.close();
    if (code === "200") break;
  }
  for (const { connection } of slow.slice(1)) connection.close();
  server.close();
});

for (const tls of [false, true]) {
  Deno.test(`who does not read is cut off, ${tls ? "with" : "without"} TLS`, async () => {
    const server = await serve({ tls, patience: 200 });
    const { connection } = await ask(server, tls);
    assert.ok(await restSlowly(connection) < text.length - 1_000_000, "the end of the answer came");
    server.close();
  });
}
