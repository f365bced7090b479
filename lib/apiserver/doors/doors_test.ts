/** Both doors to one server: what goes in by one is seen by the other. */
import assert from "node:assert/strict";
import { DrivenClock } from "../clock.ts";
import { apply, create, get, remove } from "../../kube/write.ts";
import type { KubeObject, Resource } from "../../kube/object.ts";
import { ApiServer } from "../server.ts";
import { openHttpDoor } from "./http.ts";
import { inProcessTransport } from "./in_process.ts";

const configMaps: Resource = {
  group: "",
  version: "v1",
  kind: "ConfigMap",
  plural: "configmaps",
  namespaced: true,
};
const path = "/api/v1/namespaces/default/configmaps";
const configMap = (name: string, data: Record<string, string> = {}): KubeObject & { data: unknown } => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "default" },
  data,
});
const fieldManager = "test";

/** What a client over HTTP is answered. */
async function overHttp(
  use: (fetch: (path: string, init?: RequestInit) => Promise<Response>) => Promise<void>,
) {
  const server = new ApiServer();
  const door = openHttpDoor(server);
  using client = Deno.createHttpClient({ caCerts: [door.authority] });
  const authorization = `Bearer ${door.token}`;
  try {
    await use((path, init = {}) =>
      fetch(door.url + path, { client, ...init, headers: { authorization, ...init.headers } })
    );
  } finally {
    await door.close();
  }
}

Deno.test("in process: objects come as they are stored, and what was handed in stays the caller's", async () => {
  const server = new ApiServer();
  const transport = inProcessTransport(server);
  const mine = configMap("a", { a: "1" });
  const created = await create(transport, configMaps, mine, { fieldManager });
  assert.ok(!Object.isFrozen(mine.data));
  const where = { namespace: "default", name: "a" };
  assert.equal(
    await get(transport, configMaps, where),
    server.cluster.store.get("configmaps", "default", "a"),
  );
  await assert.rejects(create(transport, configMaps, mine, { fieldManager }), {
    status: 409,
    reason: "AlreadyExists",
  });
  const { metadata: { resourceVersion } } = await apply(transport, configMaps, configMap("a", { a: "1" }), {
    fieldManager: "other",
    force: false,
  });
  assert.notEqual(resourceVersion, created.metadata.resourceVersion);
  await remove(transport, configMaps, where);
  await assert.rejects(get(transport, configMaps, where), { status: 404 });
});

Deno.test("in process: a watch tells of what is written, and ends with its reader", async () => {
  const server = new ApiServer({ clock: new DrivenClock(0) });
  const transport = inProcessTransport(server);
  const stream = await transport.performRequest({
    method: "GET",
    path,
    querystring: new URLSearchParams({ watch: "true", fieldSelector: "metadata.name=a" }),
    expectStream: true,
    expectJson: true,
  });
  const reader = stream.getReader();
  await create(transport, configMaps, configMap("other"), { fieldManager });
  await create(transport, configMaps, configMap("a"), { fieldManager });
  const { value } = await reader.read() as { value: { type: string; object: KubeObject } };
  assert.deepEqual([value.type, value.object.metadata?.name], ["ADDED", "a"]);
  await reader.cancel();
});

Deno.test("over HTTP: nobody without the token is answered", () =>
  overHttp(async (fetch) => {
    const response = await fetch(path, { headers: { authorization: "Bearer wrong" } });
    assert.equal(response.status, 401);
    assert.equal((await response.json()).reason, "Unauthorized");
    await (await fetch(path)).body?.cancel();
  }));

Deno.test("over HTTP: a body of 4 MiB is refused", () =>
  overHttp(async (fetch) => {
    const body = JSON.stringify(configMap("big", { a: "x".repeat(4 * 1024 * 1024) }));
    const response = await fetch(path, { method: "POST", body });
    assert.equal(response.status, 413);
    assert.equal((await response.json()).reason, "RequestEntityTooLarge");
  }));

Deno.test("over HTTP: a client that stops reading its watch is cut, with bounded memory", async () => {
  const server = new ApiServer();
  const door = openHttpDoor(server);
  using client = Deno.createHttpClient({ caCerts: [door.authority] });
  const response = await fetch(`${door.url}${path}?watch=true`, {
    client,
    headers: { authorization: `Bearer ${door.token}` },
  });
  const transport = inProcessTransport(server);
  const text = "x".repeat(10_000);
  for (let i = 0; i < 12_000; i++) {
    const querystring = new URLSearchParams();
    const body = configMap("a", { text, i: String(i) });
    if (i === 0) await create(transport, configMaps, body, { fieldManager });
    else {await transport.performRequest({
        method: "PUT",
        path: `${path}/a`,
        querystring,
        bodyJson: body,
        expectJson: true,
      });}
  }
  let size = 0;
  for await (const chunk of response.body!) size += chunk.length; // it ends: the stream was cut
  assert.ok(size < 12_000 * text.length, "not all of it was kept for the reader");
  await door.close();
});
