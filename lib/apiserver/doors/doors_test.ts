/** Both doors to one server: what goes in by one is seen by the other. */
import assert from "node:assert/strict";
import { DrivenClock } from "../clock.ts";
import { apply, create, get, remove } from "../../kube/write.ts";
import type { KubeObject, Resource } from "../../kube/object.ts";
import type { Answering } from "../request.ts";
import { ApiServer } from "../server.ts";
import { openHttpDoor } from "./http.ts";
import { inProcessTransport } from "./in_process.ts";
import type { Watch } from "../watch/watch.ts";
import { askingWebhooks } from "./webhooks.ts";

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

type Fetch = (path: string, init?: RequestInit) => Promise<Response>;

/** A test of what clients of both protocols are answered. */
function overHttp(
  name: string,
  use: (fetch: Fetch, server: ApiServer) => Promise<void>,
  { rbac = false, through = askingWebhooks as (server: ApiServer) => Answering } = {},
) {
  for (const http2 of [true, false]) {
    Deno.test(`over HTTP/${http2 ? "2" : "1.1"}: ${name}`, async () => {
      const server = new ApiServer({ rbac });
      const door = await openHttpDoor(through(server), { token: server.cluster.token });
      using client = Deno.createHttpClient({ caCerts: [door.authority], http2 });
      const authorization = `Bearer ${door.token}`;
      const ask: Fetch = (path, init = {}) =>
        fetch(door.url + path, { client, ...init, headers: { authorization, ...init.headers } });
      try {
        await use(ask, server);
      } finally {
        await door.close();
      }
    });
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

overHttp("nobody without the token is answered", async (fetch) => {
  const response = await fetch(path, { headers: { authorization: "Bearer wrong" } });
  assert.equal(response.status, 401);
  assert.equal((await response.json()).reason, "Unauthorized");
  await (await fetch(path)).body?.cancel();
});

overHttp("a body of 4 MiB is refused", async (fetch) => {
  const body = JSON.stringify(configMap("big", { a: "x".repeat(4 * 1024 * 1024) }));
  const response = await fetch(path, { method: "POST", body });
  assert.equal(response.status, 413);
  assert.equal((await response.json()).reason, "RequestEntityTooLarge");
});

overHttp("an answer that is lost breaks off, and others come", async (fetch) => {
  await assert.rejects(async () => await (await fetch(`${path}?lose=this`)).text(), TypeError);
  assert.deepEqual(await (await fetch(path)).json(), {});
}, {
  through: () => ({
    handle: ({ query }) => Promise.resolve(query.has("lose") ? undefined : { code: 200, body: {} }),
  }),
});

const opened: Watch[] = [];
overHttp("a client that goes ends its watch, and no other", async (fetch) => {
  const watched = async () => {
    const controller = new AbortController();
    const response = await fetch(`${path}?watch=true`, { signal: controller.signal });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    return { controller, reader, watch: opened.at(-1)! };
  };
  const [gone, stays] = [await watched(), await watched()];
  gone.controller.abort();
  await new Promise<void>((resolve) => gone.watch.atEnd(resolve));
  await assert.rejects(gone.reader.read());
  const headers = { "content-type": "application/json" };
  const made = await fetch(path, { method: "POST", body: JSON.stringify(configMap("a")), headers });
  assert.equal((await made.json()).metadata.name, "a");
  assert.match((await stays.reader.read()).value!, /"ADDED"/);
  assert.ok(!stays.watch.ended);
}, {
  through: (server) => ({
    handle(request) {
      const answer = server.handle(request);
      if ("watch" in answer) opened.push(answer.watch);
      return answer;
    },
  }),
});

overHttp("a client that stops reading its watch is cut, with bounded memory", async (fetch, server) => {
  const response = await fetch(`${path}?watch=true`);
  const transport = inProcessTransport(server);
  const text = "x".repeat(10_000);
  for (let i = 0; i < 12_000; i++) {
    const querystring = new URLSearchParams();
    const body = configMap("a", { text, i: String(i) });
    if (i === 0) await create(transport, configMaps, body, { fieldManager });
    else {
      const request = { method: "PUT", path: `${path}/a`, querystring, bodyJson: body } as const;
      await transport.performRequest({ ...request, expectJson: true });
    }
  }
  let size = 0;
  for await (const chunk of response.body!) size += chunk.length; // it ends: the stream was cut
  assert.ok(size < 12_000 * text.length, "not all of it was kept for the reader");
});

overHttp("a service account's token opens what its roles allow, and nothing else", async (fetch) => {
  const post = async (path: string, body: object, token?: string) => {
    const headers = {
      "content-type": "application/json",
      ...(token && { authorization: `Bearer ${token}` }),
    };
    const response = await fetch(path, { method: "POST", body: JSON.stringify(body), headers });
    return await response.json();
  };
  const rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/default";
  const robot = { kind: "ServiceAccount", name: "robot", namespace: "default" };
  await post("/api/v1/namespaces/default/serviceaccounts", { metadata: { name: "robot" } });
  const { status: { token } } = await post("/api/v1/namespaces/default/serviceaccounts/robot/token", {});
  const asked = async (path: string) => {
    const response = await fetch(path, { headers: { authorization: `Bearer ${token}` } });
    return [response.status, (await response.json()).message];
  };
  const refused =
    'configmaps is forbidden: User "system:serviceaccount:default:robot" cannot list resource ' +
    '"configmaps" in API group "" in the namespace "default"';
  assert.deepEqual(await asked(path), [403, refused]);
  await post(`${rbac}/roles`, {
    metadata: { name: "reader" },
    rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["list"] }],
  });
  await post(`${rbac}/rolebindings`, {
    metadata: { name: "reader" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "reader" },
    subjects: [robot],
  });
  assert.deepEqual(await asked(path), [200, undefined]);
  assert.equal((await asked("/api/v1/namespaces/kube-system/configmaps"))[0], 403);
  assert.equal((await post(path, configMap("a"), token)).reason, "Forbidden");
  // Nobody acts as somebody else without the right to.
  const response = await fetch(path, {
    headers: { authorization: `Bearer ${token}`, "impersonate-user": "jane" },
  });
  assert.equal(
    (await response.json()).message,
    'users "jane" is forbidden: User "system:serviceaccount:default:robot" cannot impersonate resource "users" in ' +
      'API group "" at the cluster scope',
  );
}, { rbac: true });

Deno.test("the door is closed without regard to who connects and says nothing", async () => {
  const door = await openHttpDoor(new ApiServer());
  using client = await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(door.url).port) });
  await door.close();
  assert.equal(await client.read(new Uint8Array(1)).catch(() => null), null);
});

Deno.test("in process: a request waits for no webhook, and fares as if it could not be reached", () => {
  const server = new ApiServer();
  const ask = (method: string, path: string, body: object) =>
    server.handle({ method, path, query: new URLSearchParams(), body });
  const hook = (failurePolicy: string) => ({
    name: `${failurePolicy.toLowerCase()}.example.com`,
    clientConfig: { url: "https://127.0.0.1:1" },
    rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] }],
    objectSelector: { matchLabels: { policy: failurePolicy } },
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
    failurePolicy,
  });
  const at = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
  const made = ask("POST", at, { metadata: { name: "hooks" }, webhooks: [hook("Fail"), hook("Ignore")] });
  assert.equal(made.code, 201);
  const answers = ["Fail", "Ignore"].map((policy) => {
    const { metadata, ...rest } = configMap(policy.toLowerCase());
    return ask("POST", path, { ...rest, metadata: { ...metadata, labels: { policy } } }).code;
  });
  assert.deepEqual(answers, [500, 201]);
});
