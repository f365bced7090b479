import assert from "node:assert/strict";
import { Discovery } from "./discovery.ts";
import { ApiError, NetworkError } from "./errors.ts";
import type { Resource } from "./object.ts";
import type { RequestOptions, Transport } from "./transport.ts";

function kind(plural: string): Resource {
  return { group: "gateway.test", version: "v1", kind: plural, plural, namespaced: true };
}

/** Serves these plurals of one group version; throws `failure` instead, if there is one. */
class FakeServer {
  plurals: string[] | undefined;
  failure: Error | undefined;
  readonly paths: string[] = [];
  readonly transport = {
    performRequest: async ({ path, method }: RequestOptions) => {
      this.paths.push(path);
      await Promise.resolve();
      if (this.failure) throw this.failure;
      if (!this.plurals) throw new ApiError({ status: 404, message: "404 page not found", method, path });
      return { resources: this.plurals.map((name) => ({ name })) };
    },
  } as unknown as Transport;
}

Deno.test("one request per group and version answers for all its kinds", async () => {
  const server = new FakeServer();
  server.plurals = ["routes", "routes/status"];
  const discovery = new Discovery(server.transport);
  assert.equal(await discovery.serves(kind("routes")), true);
  assert.equal(await discovery.serves(kind("gateways")), false);
  assert.deepEqual(server.paths, ["/apis/gateway.test/v1"]);
  await discovery.serves({ ...kind("pods"), group: "" });
  assert.equal(server.paths[1], "/api/v1");
});

Deno.test("questions at the same time share one request; forgetting asks anew", async () => {
  const server = new FakeServer();
  const discovery = new Discovery(server.transport);
  const answers = await Promise.all([discovery.serves(kind("a")), discovery.serves(kind("b"))]);
  assert.deepEqual(answers, [false, false]);
  assert.equal(server.paths.length, 1);
  server.plurals = ["a"];
  assert.equal(await discovery.serves(kind("a")), false, "still what was known");
  discovery.forget(kind("a"));
  assert.equal(await discovery.serves(kind("a")), true);
  assert.equal(server.paths.length, 2);
});

Deno.test("a failure is thrown and is no answer", async () => {
  const server = new FakeServer();
  const discovery = new Discovery(server.transport);
  server.failure = new NetworkError("ConnectionRefused", "x", { sent: false, method: "GET", path: "/" });
  await assert.rejects(discovery.serves(kind("a")), { kind: "ConnectionRefused" });
  server.failure = undefined;
  server.plurals = ["a"];
  assert.equal(await discovery.serves(kind("a")), true);
});

Deno.test("all who wait for one group and version share the questions, through failures too", async () => {
  const server = new FakeServer();
  const discovery = new Discovery(server.transport, 20);
  const waiting = Promise.all(["a", "b", "c"].map((plural) => discovery.served(kind(plural))));
  while (server.paths.length < 3) await new Promise((resolve) => setTimeout(resolve, 1));
  server.failure = new ApiError({ status: 503, message: "starting", method: "GET", path: "/" });
  const before = server.paths.length;
  while (server.paths.length < before + 1) await new Promise((resolve) => setTimeout(resolve, 1));
  server.failure = undefined;
  server.plurals = ["a", "b", "c"];
  await waiting;
});

Deno.test("waiting ends by the signal", async () => {
  const stop = new AbortController();
  const waiting = new Discovery(new FakeServer().transport).served(kind("a"), stop.signal);
  stop.abort(new Error("enough"));
  await assert.rejects(waiting, /enough/);
});
