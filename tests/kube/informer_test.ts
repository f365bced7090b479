/** The informer against a real API server that is killed, frozen, and whose answers are cut. */
import assert from "node:assert/strict";
import { Discovery } from "../../lib/kube/discovery.ts";
import { isStatus } from "../../lib/kube/errors.ts";
import { HttpTransport } from "../../lib/kube/http_transport.ts";
import { Informer, type InformerOptions } from "../../lib/kube/watch/informer.ts";
import { kubeconfigAccess } from "../../lib/kube/access/kubeconfig.ts";
import { list } from "../../lib/kube/watch/list.ts";
import type { KubeObject, Resource } from "../../lib/kube/object.ts";
import { adapter, type Transport } from "../../lib/kube/transport.ts";
import { apply, create, get, mergePatch, remove } from "../../lib/kube/write.ts";
import type { ControlPlane } from "../control_plane/control_plane.ts";
import { until } from "../control_plane/until.ts";
import { onReal, startCluster } from "./cluster.ts";
import {
  type ConfigMap,
  configMaps,
  events,
  Mirror,
  namespaces,
  type Widget,
  widgetDefinition,
  widgets,
} from "./kinds.ts";
import { BlackHole } from "./black_hole.ts";
import { brokenAnswer, byteByByte, cutAfter, MeddlingProxy } from "./meddling_proxy.ts";
import { minimalRestClient } from "./minimal_rest_client.ts";

const fieldManager = "kube-test";
let plane: ControlPlane;
let transport: HttpTransport;
let admin: Deno.HttpClient;
const opened: { close(): void }[] = [];

/** The suite runs over our own transport, and over a foreign client of the shape of `RestClient`. */
const ways: readonly Way[] = [{
  via: "own transport",
  short: "own",
  direct: () => transport,
  proxied: (proxy) => {
    const credentials = {};
    const access = {
      server: proxy.url,
      compression: false,
      origin: "test",
      credentials: () => Promise.resolve(credentials),
    };
    const through = new HttpTransport(access);
    opened.push(through);
    return through;
  },
}, {
  via: "adapter",
  short: "adapter",
  direct: () => adapter(minimalRestClient(plane.url, admin)),
  proxied: (proxy) => adapter(minimalRestClient(proxy.url.origin)),
}];

interface Way {
  readonly via: string;
  /** For names of namespaces. */
  readonly short: string;
  direct(): Transport;
  proxied(proxy: MeddlingProxy): Transport;
}

Deno.test.beforeAll(async () => {
  plane = await startCluster();
  transport = new HttpTransport(await kubeconfigAccess([plane.adminKubeconfig]));
  const identity = plane.authority.forClient({ user: "admin", groups: ["system:masters"] });
  const caCerts = [await Deno.readTextFile(plane.caFile)];
  admin = Deno.createHttpClient({ caCerts, cert: identity.certificate, key: identity.key });
  opened.push(transport, admin);
});

Deno.test.afterAll(async () => {
  for (const client of opened) client.close();
  await plane.stop();
});

/** Namespace of its own for a test, so that tests do not see each other's objects. */
async function namespace(name: string): Promise<string> {
  await plane.request("POST", "/api/v1/namespaces", { metadata: { name } });
  return name;
}

function configMap(namespace: string, name: string, text = ""): ConfigMap {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace, name }, data: { text } };
}

/** An informer that runs until the end of the block. */
class Running<T extends KubeObject> implements AsyncDisposable {
  readonly mirror = new Mirror<T>();
  readonly informer: Informer<T>;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(resource: Resource, options: Partial<InformerOptions<T>> & { transport: Transport }) {
    this.informer = new Informer<T>({
      resource,
      sink: this.mirror,
      discovery: new Discovery(options.transport, 300),
      backoff: { first: 50, longest: 500 },
      ...options,
    });
    this.#done = this.informer.run(this.#stop.signal);
  }

  watching(): Promise<unknown> {
    return until("watching", () => this.informer.state.phase === "watching");
  }

  text(name: string): string | undefined {
    return (this.mirror.objects.get(name) as ConfigMap | undefined)?.data?.text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#done;
    assert.equal(this.informer.state.phase, "stopped");
  }
}

/** What a server says that does not stream lists. */
function refuseStreamedLists(request: Request): Response | undefined {
  if (!request.url.includes("sendInitialEvents")) return undefined;
  const message = "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch";
  return Response.json({ kind: "Status", code: 422, reason: "Invalid", message }, { status: 422 });
}

/** What the sink holds is what the server holds, object by object. */
async function assertMirrors<T extends KubeObject>(mirror: Mirror<T>, resource: Resource, namespace: string) {
  const { items } = await list<T>(transport, resource, { namespace });
  const versions = (objects: Iterable<T>) =>
    [...objects].map(({ metadata }) => `${metadata!.name} ${metadata!.uid} ${metadata!.resourceVersion}`)
      .sort();
  await until("the sink equals the server", () => {
    return versions(mirror.objects.values()).join() === versions(items).join();
  });
}

for (const { via, short, direct, proxied } of ways) {
  Deno.test(`${via}: additions, changes and deletions arrive, of the selected objects only`, async () => {
    const ns = await namespace(`${short}-changes`);
    await using running = new Running<ConfigMap>(configMaps, {
      transport: direct(),
      namespace: ns,
      labelSelector: "mine=yes",
    });
    await running.watching();
    await create(transport, configMaps, configMap(ns, "other"), { fieldManager });
    const mine = configMap(ns, "mine", "1");
    mine.metadata!.labels = { mine: "yes" };
    await create(transport, configMaps, mine, { fieldManager });
    await until("added", () => running.text("mine") === "1");
    assert.equal(running.mirror.objects.get("mine")?.kind, "ConfigMap");
    await mergePatch(transport, configMaps, { namespace: ns, name: "mine" }, { data: { text: "2" } }, {
      fieldManager,
    });
    await until("changed", () => running.text("mine") === "2");
    await mergePatch(transport, configMaps, { namespace: ns, name: "mine" }, { metadata: { labels: null } }, {
      fieldManager,
    });
    await until("left the selection", () => !running.mirror.objects.has("mine"));
    assert.deepEqual(running.mirror.calls, ["replaced 0", "put mine", "put mine", "removed mine"]);
  });

  Deno.test(`${via}: objects of a list carry apiVersion and kind, and are projected page by page`, async () => {
    const ns = await namespace(`${short}-pages-projected`);
    for (const name of ["a", "b", "c"]) {
      await create(transport, configMaps, configMap(ns, name), { fieldManager });
    }
    await using running = new Running<ConfigMap>(configMaps, {
      transport: direct(),
      namespace: ns,
      pageSize: 2,
      project: (object) => ({ ...object, data: { text: `projected ${object.metadata.name}` } }),
    });
    await running.watching();
    assert.equal(running.text("c"), "projected c");
    assert.equal(running.mirror.objects.get("c")?.apiVersion, "v1");
    assert.equal(running.mirror.objects.get("c")?.kind, "ConfigMap");
    await create(transport, configMaps, configMap(ns, "d"), { fieldManager });
    await until("a watched object is projected too", () => running.text("d") === "projected d");
  });

  onReal(`${via}: the API server is killed and comes back: nothing is lost`, async () => {
    const ns = await namespace(`${short}-killed`);
    await create(transport, configMaps, configMap(ns, "goes"), { fieldManager });
    await create(transport, configMaps, configMap(ns, "stays", "1"), { fieldManager });
    await using running = new Running<ConfigMap>(configMaps, { transport: direct(), namespace: ns });
    await running.watching();
    await plane.apiServer.stop("SIGKILL");
    await until("noticed", () => running.informer.state.phase === "retrying");
    assert.equal(running.mirror.objects.size, 2, "the content stays while the server is away");
    await plane.apiServer.start();
    await until("writing works again", async () => {
      await remove(transport, configMaps, { namespace: ns, name: "goes" });
      return true;
    });
    await apply(transport, configMaps, configMap(ns, "stays", "2"), { fieldManager, force: true });
    await until("caught up", () => running.text("stays") === "2" && !running.mirror.objects.has("goes"));
    await assertMirrors(running.mirror, configMaps, ns);
  });

  onReal(
    `${via}: the API server is frozen under a watch: reopened on a new connection, nothing is lost`,
    async () => {
      const ns = await namespace(`${short}-frozen`);
      await create(transport, configMaps, configMap(ns, "a", "1"), { fieldManager });
      await using running = new Running<ConfigMap>(configMaps, {
        transport: direct(),
        namespace: ns,
        silenceMilliseconds: 700,
      });
      await running.watching();
      const opened = running.informer.state.watches;
      plane.apiServer.pause();
      try {
        await until("the silence was noticed", () => running.informer.state.watches > opened);
      } finally {
        plane.apiServer.resume();
      }
      await apply(transport, configMaps, configMap(ns, "a", "2"), { fieldManager, force: true });
      await until("caught up", () => running.text("a") === "2");
      assert.equal(running.mirror.count("replaced"), 1, "no new list was needed");
    },
  );

  onReal(
    `${via}: a version that the server has forgotten (410): listed anew, deletions in between noticed`,
    async () => {
      const ns = await namespace(`${short}-expired`);
      await using proxy = new MeddlingProxy(plane.url, admin);
      const through = proxied(proxy);
      await create(transport, configMaps, configMap(ns, "goes"), { fieldManager });
      await create(transport, configMaps, configMap(ns, "stays", "1"), { fieldManager });
      const failures: unknown[] = [];
      await using running = new Running<ConfigMap>(configMaps, {
        namespace: ns,
        transport: through,
        onState: ({ failure }) => failures.push(failure),
      });
      await running.watching();
      // The line is down while the history goes on; then the server forgets that history. (A restart, because
      // its watch cache hides what etcd has forgotten.)
      proxy.intercept = () => brokenAnswer();
      await until("noticed", () => {
        // Again, since a watch may just have been on its way through.
        proxy.drop();
        return running.informer.state.phase === "retrying";
      });
      await remove(transport, configMaps, { namespace: ns, name: "goes" });
      await apply(transport, configMaps, configMap(ns, "stays", "2"), { fieldManager, force: true });
      await plane.compact();
      await plane.apiServer.restart();
      proxy.intercept = () => undefined;
      await until("caught up", () => running.text("stays") === "2" && !running.mirror.objects.has("goes"));
      await running.watching();
      assert.ok(failures.some((failure) => isStatus(failure, 410)), "the server said 410");
      assert.equal(running.mirror.count("replaced"), 2);
      await assertMirrors(running.mirror, configMaps, ns);
    },
  );

  Deno.test(`${via}: a stream cut at every place of an event, also within a line and a UTF-8 character`, async () => {
    const ns = await namespace(`${short}-cut`);
    await using proxy = new MeddlingProxy(plane.url, admin);
    const through = proxied(proxy);
    const text = "größer als 🦖 und 日本";
    const created = await create(transport, configMaps, configMap(ns, "umlaut", text), { fieldManager });
    const event = new TextEncoder().encode(JSON.stringify({ type: "ADDED", object: created }) + "\n").length;
    for (
      const cutAt of [1, 20, event - 40, event - 39, event - 38, event - 37, event - 2, event - 1, event]
    ) {
      let cuts = 0;
      proxy.intercept = refuseStreamedLists;
      proxy.meddle = (request) => {
        if (!request.url.includes("watch=true") || cuts++ > 0) return undefined;
        return cutAfter(cutAt);
      };
      await using running = new Running<ConfigMap>(configMaps, {
        namespace: ns,
        transport: through,
      });
      await running.watching();
      await mergePatch(transport, configMaps, { namespace: ns, name: "umlaut" }, {
        data: { text: `${text} ${cutAt}` },
      }, { fieldManager });
      await until(`complete after a cut at ${cutAt}`, () => running.text("umlaut") === `${text} ${cutAt}`);
      assert.equal(running.mirror.count("replaced"), 1, "a broken stream needs no new list");
    }
    proxy.intercept = () => undefined;
    proxy.meddle = (request) => request.url.includes("watch=true") ? byteByByte() : undefined;
    await using running = new Running<ConfigMap>(configMaps, {
      namespace: ns,
      transport: through,
    });
    await running.watching();
    await apply(transport, configMaps, configMap(ns, "umlaut", text), { fieldManager, force: true });
    await until("complete, byte by byte", () => running.text("umlaut") === text);
    assert.equal(running.informer.state.failures, 0);
  });

  Deno.test(`${via}: a line that is no JSON: listed anew, and on`, async () => {
    const ns = await namespace(`${short}-garbled`);
    await using proxy = new MeddlingProxy(plane.url, admin);
    const through = proxied(proxy);
    let garbled = 0;
    proxy.intercept = (request) => {
      if (request.url.includes("sendInitialEvents")) return refuseStreamedLists(request);
      if (!request.url.includes("watch=true") || garbled++ > 0) return undefined;
      return new Response('{"type":"ADDED","object":{"metad\n{"type":"ADDED"}\n');
    };
    await using running = new Running<ConfigMap>(configMaps, {
      namespace: ns,
      transport: through,
    });
    await until("listed anew", () => running.mirror.count("replaced") === 2);
    await running.watching();
    await create(transport, configMaps, configMap(ns, "a", "1"), { fieldManager });
    await until("going on", () => running.text("a") === "1");
  });

  Deno.test(`${via}: a list is streamed, also one that breaks off; a server that cannot is asked for pages`, async () => {
    const ns = await namespace(`${short}-streamed`);
    for (const name of ["a", "b", "c"]) {
      await create(transport, configMaps, configMap(ns, name), { fieldManager });
    }
    await using proxy = new MeddlingProxy(plane.url, admin);
    const asked = () =>
      proxy.requests.filter(({ url }) => url.pathname.includes(ns)).map(({ url: { searchParams } }) =>
        searchParams.has("sendInitialEvents") ? "stream" : searchParams.has("watch") ? "watch" : "list"
      );
    let cuts = 0;
    proxy.meddle = (request) =>
      request.url.includes("sendInitialEvents") && cuts++ === 0 ? cutAfter(700) : undefined;
    for (const expected of [["stream", "stream"], ["stream", "list", "watch"]]) {
      await using running = new Running<ConfigMap>(configMaps, {
        namespace: ns,
        transport: proxied(proxy),
        fieldSelector: "metadata.name!=kube-root-ca.crt",
      });
      await running.watching();
      await until("listed", () => running.mirror.calls[0] === "replaced 3");
      await apply(transport, configMaps, configMap(ns, "a", expected.join()), { fieldManager, force: true });
      await until("watched", () => running.text("a") === expected.join());
      assert.deepEqual(asked(), expected);
      assert.equal(running.mirror.count("replaced"), 1);
      proxy.intercept = refuseStreamedLists;
      proxy.requests.length = 0;
    }
  });

  Deno.test(`${via}: an API server that refuses watches for a while is asked for no list`, async () => {
    const ns = await namespace(`${short}-refused`);
    await using proxy = new MeddlingProxy(plane.url, admin);
    await using running = new Running<ConfigMap>(configMaps, { namespace: ns, transport: proxied(proxy) });
    await running.watching();
    const refusals = [429, 500, 503, 504, 401, 403];
    let at = 0;
    proxy.requests.length = 0;
    proxy.intercept = () => at < refusals.length ? new Response("no", { status: refusals[at++] }) : undefined;
    proxy.drop();
    await create(transport, configMaps, configMap(ns, "a", "1"), { fieldManager });
    await until("caught up", () => running.text("a") === "1");
    assert.equal(at, refusals.length);
    assert.ok(proxy.requests.every(({ url: { searchParams } }) => searchParams.get("resourceVersion")));
    assert.equal(running.mirror.count("replaced"), 1);
  });

  Deno.test(`${via}: a page token that has expired (410): the list starts over`, async () => {
    const ns = await namespace(`${short}-expired-page`);
    for (const name of ["a", "b", "c"]) {
      await create(transport, configMaps, configMap(ns, name), { fieldManager });
    }
    await using proxy = new MeddlingProxy(plane.url, admin);
    const through = proxied(proxy);
    // What the server says to a token from long ago; a real one expires only after minutes.
    const expired = { kind: "Status", status: "Failure", reason: "Expired", code: 410, message: "too old" };
    let refused = 0;
    proxy.intercept = (request) =>
      request.url.includes("continue=") && refused++ < 2
        ? Response.json(expired, { status: 410 })
        : undefined;
    const { items } = await list<ConfigMap>(through, configMaps, { namespace: ns, pageSize: 2 });
    assert.deepEqual(items.map((item) => item.metadata.name).sort(), ["a", "b", "c"]);
    assert.equal(proxy.requests.at(-1)?.url.searchParams.has("limit"), false, "the last try is not paged");
  });

  Deno.test(`${via}: a kind that is installed later, removed, and installed again`, async () => {
    const ns = await namespace(`${short}-kinds`);
    await using running = new Running<Widget>(widgets, { transport: direct() });
    await until("known to be absent", () => running.informer.state.phase === "uninstalled");
    assert.deepEqual(running.mirror.calls, ["uninstalled"]);
    assert.ok(running.informer.state.synced, "an absent kind does not hold up readiness");
    for (const round of [1, 2]) {
      await plane.request(
        "POST",
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
        widgetDefinition,
      );
      await running.watching();
      const widget = { apiVersion: "kube.test/v1", kind: "Widget", metadata: { namespace: ns, name: "w" } };
      await until("widgets can be made", async () => {
        await apply(transport, widgets, widget, { fieldManager, force: true });
        return true;
      });
      await until("seen", () => running.mirror.objects.has("w"));
      await plane.request(
        "DELETE",
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.kube.test",
      );
      await until("gone", () => running.mirror.count("uninstalled") === round + 1);
      assert.equal(running.mirror.objects.size, 0);
    }
  });
}

onReal("a restart of the API server does not make an installed kind look absent", async () => {
  const ns = await namespace("crd-restart");
  await plane.request("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", widgetDefinition);
  await using running = new Running<Widget>(widgets, { transport, backoff: { first: 5, longest: 10 } });
  await running.watching();
  const before = running.mirror.count("uninstalled");
  await plane.apiServer.restart();
  const widget = { apiVersion: "kube.test/v1", kind: "Widget", metadata: { namespace: ns, name: "w" } };
  await until("widgets can be made", async () => {
    await apply(transport, widgets, widget, { fieldManager, force: true });
    return true;
  });
  await until("seen", () => running.mirror.objects.has("w"));
  assert.equal(running.mirror.count("uninstalled"), before);
});

onReal(
  "a write that gets no answer says that it may have been sent, and condemns the connection",
  async () => {
    const ns = await namespace("mute");
    await create(transport, configMaps, configMap(ns, "a", "1"), { fieldManager });
    plane.apiServer.pause();
    try {
      const late = apply(transport, configMaps, configMap(ns, "a", "2"), {
        fieldManager,
        force: true,
        timeoutMilliseconds: 300,
      });
      await assert.rejects(late, {
        name: "NetworkError",
        kind: "NetworkTimeout",
        sent: true,
        method: "PATCH",
      });
    } finally {
      plane.apiServer.resume();
    }
    await get(transport, configMaps, { namespace: ns, name: "a" });
  },
);

Deno.test("a connection goes dead without a word: the watch goes on over a new one", async () => {
  const ns = await namespace("dead-connection");
  const access = await kubeconfigAccess([plane.adminKubeconfig]);
  using relay = new BlackHole(access.server);
  const through = new HttpTransport({ ...access, server: new URL(`https://127.0.0.1:${relay.port}`) });
  opened.push(through);
  await using running = new Running<ConfigMap>(configMaps, {
    namespace: ns,
    transport: through,
    silenceMilliseconds: 700,
  });
  await running.watching();
  assert.equal(relay.accepted, 1);
  relay.swallow();
  await create(transport, configMaps, configMap(ns, "a", "1"), { fieldManager });
  await until("seen", () => running.text("a") === "1");
  assert.equal(running.mirror.count("replaced"), 1);
  assert.equal(running.informer.state.watches, 2, "the second try is on a new connection already");
  relay.swallow();
  // A read that meets the dead connection first condemns it: the next one gets through.
  const hung = get(through, configMaps, { namespace: ns, name: "a" }, { timeoutMilliseconds: 200 });
  await assert.rejects(hung, { kind: "NetworkTimeout" });
  await get(through, configMaps, { namespace: ns, name: "a" });
});

Deno.test("a request that finds its connection mute ends the watches on it: they go on over a new one", async () => {
  const ns = await namespace("condemned-connection");
  const access = await kubeconfigAccess([plane.adminKubeconfig]);
  using relay = new BlackHole(access.server);
  const through = new HttpTransport({ ...access, server: new URL(`https://127.0.0.1:${relay.port}`) });
  opened.push(through);
  await using running = new Running<ConfigMap>(configMaps, {
    namespace: ns,
    transport: through,
    silenceMilliseconds: 3_600_000,
  });
  await running.watching();
  relay.swallow();
  await create(transport, configMaps, configMap(ns, "a", "1"), { fieldManager });
  const hung = get(through, configMaps, { namespace: ns, name: "a" }, { timeoutMilliseconds: 200 });
  await assert.rejects(hung, { kind: "NetworkTimeout" });
  await until("seen", () => running.text("a") === "1");
  assert.equal(running.mirror.count("replaced"), 1, "it went on from the last version");
});

Deno.test("a connection that found itself mute tells of it, and another one that is heard stays", async () => {
  const ns = await namespace("suspected-connection");
  const access = await kubeconfigAccess([plane.adminKubeconfig]);
  using relay = new BlackHole(access.server);
  const server = new URL(`https://127.0.0.1:${relay.port}`);
  const watched = new HttpTransport({ ...access, server });
  const told: number[] = [];
  const lease = new HttpTransport({ ...access, server }, {
    onMute: (since) => (told.push(since), watched.condemnIfMute(since)),
  });
  opened.push(watched, lease);
  await using running = new Running<ConfigMap>(configMaps, {
    namespace: ns,
    transport: watched,
    silenceMilliseconds: 3_600_000,
  });
  await running.watching();
  await get(lease, namespaces, { name: ns });
  const heard = performance.now();
  await get(watched, namespaces, { name: ns });
  watched.condemnIfMute(heard);
  await get(watched, namespaces, { name: ns });
  assert.equal(running.informer.state.watches, 1, "it was heard since");
  relay.swallow();
  await create(transport, configMaps, configMap(ns, "a", "1"), { fieldManager });
  await assert.rejects(get(lease, namespaces, { name: ns }, { timeoutMilliseconds: 200 }), {
    kind: "NetworkTimeout",
  });
  assert.equal(told.length, 1);
  await until("seen", () => running.text("a") === "1");
});

Deno.test("events: one list, and silence on a living connection is no fault", async () => {
  const ns = await namespace("events");
  const alone = new HttpTransport(await kubeconfigAccess([plane.adminKubeconfig]));
  opened.push(alone);
  await using running = new Running<KubeObject>(events, {
    namespace: ns,
    transport: alone,
    silenceMilliseconds: 1_000,
  });
  await running.watching();
  await until("listed", () => running.informer.state.lists === 1);
  const others = setInterval(() => get(alone, namespaces, { name: ns }).catch(() => {}), 100);
  try {
    await new Promise((resolve) => setTimeout(resolve, 3_000));
  } finally {
    clearInterval(others);
  }
  const { watches, failures } = running.informer.state;
  assert.deepEqual({ watches, failures }, { watches: 1, failures: 0 });
  const involvedObject = { kind: "Namespace", name: ns, namespace: ns };
  const event = { apiVersion: "v1", kind: "Event", metadata: { namespace: ns, name: "e" }, involvedObject };
  await create(transport, events, event, { fieldManager });
  await until("seen", () => running.mirror.objects.has("e"));
});

Deno.test("ten thousand objects come in pages, as one consistent list", async () => {
  const ns = await namespace("many");
  const total = 10_000;
  let next = 0;
  const worker = async () => {
    while (next < total) {
      const name = `object-${next++}`;
      await create(transport, configMaps, configMap(ns, name), { fieldManager, timeoutMilliseconds: 60_000 });
    }
  };
  await Promise.all(Array.from({ length: 64 }, worker));
  let requests = 0;
  const counting = new HttpTransport(await kubeconfigAccess([plane.adminKubeconfig]), {
    onRequest: () => requests++,
  });
  const { items, resourceVersion } = await list<ConfigMap>(counting, configMaps, { namespace: ns });
  assert.equal(items.length, total);
  assert.equal(new Set(items.map((item) => item.metadata.name)).size, total);
  assert.ok(requests >= 20, `${requests} requests for 10,000 objects in pages of 500`);
  assert.match(resourceVersion, /^\d+$/);
  counting.close();
});
