import assert from "node:assert/strict";
import { serveProbes } from "./probes.ts";

Deno.test("probes say 200 while all is well, and else 503 with what is wrong", async () => {
  const trouble: { alive?: string; ready?: string } = { ready: "the caches have not synced yet" };
  const server = await serveProbes({ hostname: "127.0.0.1", port: 0 }, {
    alive: () => trouble.alive,
    ready: () => trouble.ready,
  });
  const ask = async (path: string): Promise<[number, string]> => {
    const answer = await fetch(`http://127.0.0.1:${(server.addr as Deno.NetAddr).port}${path}`);
    return [answer.status, await answer.text()];
  };
  assert.deepEqual(await ask("/healthz"), [200, "ok\n"]);
  assert.deepEqual(await ask("/readyz?verbose"), [503, "the caches have not synced yet\n"]);
  trouble.ready = undefined;
  trouble.alive = "the work loop is stuck";
  assert.deepEqual(await ask("/readyz"), [200, "ok\n"]);
  assert.deepEqual(await ask("/healthz"), [503, "the work loop is stuck\n"]);
  assert.equal((await ask("/"))[0], 404);
  await server.shutdown();
});
