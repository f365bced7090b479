/** What a server of the test's own can be made to answer; the rest is in `tests/kube/client_test.ts`. */
import assert from "node:assert/strict";
import { HttpTransport } from "./http_transport.ts";

async function against(
  answer: () => Response,
  body: (transport: HttpTransport) => Promise<void>,
): Promise<void> {
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  const credentials = {};
  const transport = new HttpTransport({
    server: new URL(`http://127.0.0.1:${server.addr.port}`),
    compression: false,
    origin: "test",
    credentials: () => Promise.resolve(credentials),
  });
  try {
    await body(transport);
  } finally {
    transport.close();
  }
}

Deno.test("an answer that cannot be read leaves open what became of the request", async () => {
  await against(() => new Response('{"metadata":{"na'), async (transport) => {
    const request = transport.performRequest({ method: "PATCH", path: "/x", expectJson: true });
    await assert.rejects(request, { name: "NetworkError", sent: true, method: "PATCH", path: "/x" });
  });
});

Deno.test("of an answer that is read piece by piece it is known when its connection was last heard", async () => {
  let more = () => {};
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) =>
      new Promise((resolve) => more = () => resolve(controller.enqueue(new Uint8Array(1)))),
  }, { highWaterMark: 0 });
  await against(() => new Response(stream), async (transport) => {
    const began = performance.now();
    const answer = await transport.performRequest({ method: "GET", path: "/x", expectStream: true });
    const first = transport.heardAt(answer)!;
    assert.ok(first >= began);
    const reader = answer.getReader();
    const next = reader.read();
    await new Promise((resolve) => setTimeout(resolve, 20));
    more();
    await next;
    assert.ok(transport.heardAt(answer)! > first);
    assert.equal(transport.heardAt(new ReadableStream()), undefined);
    await reader.cancel();
  });
});
