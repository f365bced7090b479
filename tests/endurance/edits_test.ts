/**
 * A user edits what the operator owns: put back once, and said. What it does not own is left alone. Who insists
 * is named, and not fought (issue: AIMService complete).
 */

import assert from "node:assert/strict";
import { until } from "../control_plane/until.ts";
import { type Installation, uninstall, writesOf } from "../e2e/installation.ts";
import { clusterModel, clusterTemplate, service } from "../e2e/catalogue.ts";
import type { AnyObject, User } from "../e2e/user.ts";
import { startSmallCluster } from "./small_cluster.ts";

const namespace = "ml-team";
/** services.md §1.1: the hash of `ml-team`. */
const chat = "chat-a04542d9";
const contested = "contested-a04542d9";

let installation: Installation;
let user: User;

Deno.test.beforeAll(async () => {
  installation = await startSmallCluster();
  user = installation.user;
  await user.namespace(namespace);
  await user.apply([clusterModel("qwen"), clusterTemplate("qwen-latency", "qwen")]);
  const routing = { enabled: true, gatewayRef: { name: "inference" }, pathTemplate: "/{.metadata.name}" };
  await user.apply([
    service("chat", namespace, { model: { name: "qwen" }, routing }),
    service("contested", namespace, { model: { name: "qwen" } }),
  ]);
  await user.reaches("aimservice", "chat", "Running", namespace);
  await user.reaches("aimservice", "contested", "Running", namespace);
});

Deno.test.afterAll(() => uninstall(installation));

/** Writes of the operator to one object, so far; refused ones too. */
async function writesTo(plural: string, name: string): Promise<number> {
  return (await writesOf(installation)).filter((line) => line.includes(`/${plural}/${name}`)).length;
}

/** What the operator said about a service, with how often it said so. */
async function told(name: string, reason: string): Promise<string[]> {
  const events = await user.list("events", namespace);
  return events
    .filter(({ involvedObject, ...event }) => involvedObject.name === name && event.reason === reason)
    .flatMap(({ message, count = 1 }) => Array<string>(count).fill(message));
}

function patch(kind: string, name: string, body: object, ...more: string[]): Promise<string> {
  const text = JSON.stringify(body);
  return user.kubectl("patch", kind, name, "-n", namespace, "--type=merge", "-p", text, ...more);
}

const spec = ({ spec }: AnyObject) => spec;

/** An edit, the field that says whether it stands, and what the event calls that field. */
const edits: readonly (readonly [
  what: string,
  kind: "inferenceservice" | "httproute",
  patch: object,
  read: (object: AnyObject) => unknown,
  field: string,
])[] = [
  [
    "replicas of the InferenceService",
    "inferenceservice",
    { spec: { predictor: { minReplicas: 5 } } },
    (object) => spec(object).predictor.minReplicas,
    "spec.predictor.minReplicas",
  ],
  [
    "a label of the InferenceService",
    "inferenceservice",
    { metadata: { labels: { "aim.eai.amd.com/model": "other" } } },
    ({ metadata }) => metadata.labels["aim.eai.amd.com/model"],
    "aim.eai.amd.com/model",
  ],
  [
    "a label of the InferenceService, taken away",
    "inferenceservice",
    { metadata: { labels: { "aim.eai.amd.com/template": null } } },
    ({ metadata }) => metadata.labels["aim.eai.amd.com/template"],
    "aim.eai.amd.com/template",
  ],
  [
    "the label of the InferenceService by which we find it, taken away",
    "inferenceservice",
    { metadata: { labels: { "aim.eai.amd.com/service.name": null } } },
    ({ metadata }) => metadata.labels["aim.eai.amd.com/service.name"],
    "aim.eai.amd.com/service.name",
  ],
  [
    "an annotation of the InferenceService",
    "inferenceservice",
    { metadata: { annotations: { "serving.kserve.io/autoscalerClass": "hpa" } } },
    ({ metadata }) => metadata.annotations["serving.kserve.io/autoscalerClass"],
    "metadata.annotations",
  ],
  [
    "the owner of the InferenceService",
    "inferenceservice",
    { metadata: { ownerReferences: null } },
    ({ metadata }) => metadata.ownerReferences?.length,
    "ownerReferences",
  ],
  [
    "the gateway of the route",
    "httproute",
    { spec: { parentRefs: [{ name: "elsewhere" }] } },
    (object) => spec(object).parentRefs[0].name,
    "spec.parentRefs",
  ],
  [
    "a label of the route",
    "httproute",
    { metadata: { labels: { "app.kubernetes.io/component": "toys" } } },
    ({ metadata }) => metadata.labels["app.kubernetes.io/component"],
    "app.kubernetes.io/component",
  ],
];

for (const [what, kind, body, read, field] of edits) {
  Deno.test(`an edit of ${what} is put back once, and an event says so`, async () => {
    const before = await user.get(kind, chat, namespace);
    const writes = await writesTo(`${kind}s`, chat);
    const said = (await told("chat", "Restored")).length;
    await patch(kind, chat, body);
    await until("the edit put back", async () => {
      const now = await user.get(kind, chat, namespace);
      assert.deepEqual(read(now), read(before));
      return true;
    });
    const messages = await until("the event", async () => {
      const messages = await told("chat", "Restored");
      return messages.length > said && messages;
    });
    const name = kind === "httproute" ? "HTTPRoute" : "InferenceService";
    const message = messages.find((each) => each.includes(field));
    assert.ok(message, `${messages.join("; ")} names no ${field}`);
    // Of what was taken away nothing tells who did it.
    const by = JSON.stringify(body).includes("null") ? "another manager" : "kubectl-patch";
    assert.ok(message.includes(`of ${name} ${chat} back, which ${by} had changed`), message);
    await user.reaches("aimservice", "chat", "Running", namespace);
    await sentinel();
    assert.equal(await writesTo(`${kind}s`, chat), writes + 1);
    assert.equal((await told("chat", "Restored")).length, said + 1);
    const after = await user.get(kind, chat, namespace);
    assert.deepEqual([after.metadata.uid, after.spec], [before.metadata.uid, before.spec]);
    assert.deepEqual(after.metadata.labels, before.metadata.labels);
  });
}

let sentinels = 0;
/** Another service comes to its end: what was due before it has been done. */
async function sentinel(): Promise<void> {
  const name = `sentinel-${sentinels++}`;
  await user.apply([service(name, namespace, { model: { name: "nowhere" } })]);
  await user.reaches("aimservice", name, "Failed", namespace);
}

Deno.test("what the operator does not own is left alone, and no write follows", async () => {
  const writes = await writesTo("inferenceservices", chat) + await writesTo("httproutes", chat);
  await patch("inferenceservice", chat, {
    metadata: { labels: { mine: "yes" }, annotations: { "example.com/note": "kept" } },
    spec: { predictor: { timeout: 30, nodeSelector: { disk: "fast" } } },
  });
  await patch("httproute", chat, {
    metadata: { labels: { mine: "yes" } },
    spec: { hostnames: ["chat.example.com"] },
  });
  await patch("aimservice", "chat", { metadata: { labels: { mine: "yes" } } });
  await sentinel();
  const isvc = await user.get("inferenceservice", chat, namespace);
  assert.equal(isvc.metadata.labels.mine, "yes");
  assert.equal(isvc.metadata.annotations["example.com/note"], "kept");
  assert.equal(isvc.spec.predictor.timeout, 30);
  assert.deepEqual(isvc.spec.predictor.nodeSelector, { disk: "fast" });
  const route = await user.get("httproute", chat, namespace);
  assert.equal(route.metadata.labels.mine, "yes");
  assert.deepEqual(route.spec.hostnames, ["chat.example.com"]);
  assert.equal(await writesTo("inferenceservices", chat) + await writesTo("httproutes", chat), writes);

  // An edit of what it owns, beside all that: only that is put back.
  await patch("inferenceservice", chat, { spec: { predictor: { maxReplicas: 9 } } });
  const mended = await until("the edit put back", async () => {
    const now = await user.get("inferenceservice", chat, namespace);
    return now.spec.predictor.maxReplicas === 1 && now;
  });
  assert.equal(mended.spec.predictor.timeout, 30);
  assert.equal(mended.metadata.labels.mine, "yes");
});

Deno.test("who deletes what the operator owns gets it back", async () => {
  const { metadata } = await user.get("httproute", chat, namespace);
  await user.kubectl("delete", "httproute", chat, "-n", namespace);
  await until(
    "the route is back",
    async () => (await user.get("httproute", chat, namespace)).metadata.uid !== metadata.uid,
  );
  await user.reaches("aimservice", "chat", "Running", namespace);
});

Deno.test("what others have made under a name of ours is named, left alone, and made once they have taken it away", async () => {
  const name = "taken-a04542d9";
  const theirs = [
    {
      apiVersion: "serving.kserve.io/v1beta1",
      kind: "InferenceService",
      metadata: { name, namespace, labels: { mine: "yes" } },
      spec: { predictor: { model: { modelFormat: { name: "pytorch" } } } },
    },
    {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "HTTPRoute",
      metadata: { name, namespace },
      spec: { parentRefs: [{ name: "theirs" }], hostnames: ["theirs.example.com"] },
    },
  ];
  await user.apply(theirs);
  const kinds = ["inferenceservice", "httproute"] as const;
  const before = await Promise.all(kinds.map((kind) => user.get(kind, name, namespace)));
  const routing = { enabled: true, gatewayRef: { name: "inference" }, pathTemplate: "/taken" };
  await user.apply([service("taken", namespace, { model: { name: "qwen" }, routing })]);
  for (
    const [type, kind] of [["InferenceServiceReady", "InferenceService"], ["HTTPRouteReady", "HTTPRoute"]]
  ) {
    const { message } = await user.condition("aimservice", "taken", type, "AlreadyExists", namespace);
    const said = new RegExp(
      `${kind} ${name} .* exists already and was not made by this operator .*delete it`,
    );
    assert.match(message, said);
    assert.match(message, /kubectl-client-side-apply made it/);
  }
  await user.reaches("aimservice", "taken", "Failed", namespace);
  for (const [n, kind] of kinds.entries()) {
    const { spec, metadata } = await user.get(kind, name, namespace);
    assert.deepEqual(spec, before[n].spec);
    assert.deepEqual([metadata.labels, metadata.ownerReferences], [before[n].metadata.labels, undefined]);
    // The creation, which the server refused; after that it is only looked whether the name is free.
    assert.equal(await writesTo(`${kind}s`, name), 1);
    await user.kubectl("delete", kind, name, "-n", namespace);
  }
  await user.reaches("aimservice", "taken", "Running", namespace);
});

Deno.test("another controller that insists is named in a condition, and not fought", async () => {
  const writes = await writesTo("inferenceservices", contested);
  const insists = new AbortController();
  let insisted = 0;
  /** Sets the field whenever it is not as it wants it. */
  const controller = (async () => {
    while (!insists.signal.aborted) {
      const { spec } = await user.get("inferenceservice", contested, namespace);
      if (spec.predictor.minReplicas !== 7) {
        insisted++;
        const body = { spec: { predictor: { minReplicas: 7 } } };
        await patch("inferenceservice", contested, body, "--field-manager=stubborn-scaler");
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  try {
    const { message } = await user.condition(
      "aimservice",
      "contested",
      "InferenceServiceReady",
      "FieldContested",
      namespace,
    );
    assert.match(message, /stubborn-scaler keeps changing spec\.predictor\.minReplicas/);
    assert.ok(message.includes(`InferenceService ${contested}`), message);
    // Three times in ten minutes on one field is a contest (core.md): the third is not answered any more.
    await sentinel();
    await patch("aimservice", "contested", { metadata: { labels: { looked: "again" } } });
    await sentinel();
    assert.equal(await writesTo("inferenceservices", contested), writes + 2);
    assert.equal(insisted, 3);
    assert.equal((await user.get("inferenceservice", contested, namespace)).spec.predictor.minReplicas, 7);
    // After the grace period of errors that pass (conventions §5.3) the service is not Ready any more.
    const { status } = await user.reaches("aimservice", "contested", "Degraded", namespace);
    const condition = status.conditions.find(({ type }: AnyObject) => type === "InferenceServiceReady");
    assert.deepEqual([condition.status, condition.reason], ["False", "FieldContested"]);
    const described = await user.kubectl("describe", "aimservice", "contested", "-n", namespace);
    assert.match(
      described,
      /Warning\s+InfrastructureError\s.*stubborn-scaler keeps changing spec\.predictor/,
    );
  } finally {
    insists.abort();
    await controller;
  }
  // It gives in: nothing is contested any more.
  await patch(
    "inferenceservice",
    contested,
    { spec: { predictor: { minReplicas: 1 } } },
    "--field-manager=stubborn-scaler",
  );
  const { status } = await user.reaches("aimservice", "contested", "Running", namespace);
  assert.ok(!JSON.stringify(status).includes("FieldContested"));
});
