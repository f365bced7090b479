/** Both doors to one server: what goes in by one is seen by the other. */
import assert from "node:assert/strict";
import { DrivenClock } from "../clock.ts";
import { apply, create, get, remove } from "../../kube/write.ts";
import type { KubeObject, Resource } from "../../kube/object.ts";
import { ApiServer } from "../server.ts";
import { openHttpDoor } from "./http.ts";
import { inProcessTransport } from "./in_process.ts";
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

/** What a client over HTTP is answered. */
async function overHttp(
  use: (fetch: (path: string, init?: RequestInit) => Promise<Response>) => Promise<void>,
  server = new ApiServer(),
) {
  const door = openHttpDoor(askingWebhooks(server), { token: server.cluster.token });
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

Deno.test("over HTTP: a service account's token opens what its roles allow, and nothing else", () =>
  overHttp(async (fetch) => {
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
  }, new ApiServer({ rbac: true })));

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
