import assert from "node:assert/strict";
import { follow } from "./follow.ts";
import type { Objects } from "./path.ts";
import { screenOn } from "./screen.ts";

const nothing: Objects = {
  models: [],
  templates: [],
  jobs: [],
  caches: [],
  artifacts: [],
  endpoints: [],
  pods: [],
  routes: [],
  events: [],
};

type Status = NonNullable<Objects["service"]>["status"];

const serviceWith = (status: Status): Objects => ({
  ...nothing,
  service: {
    apiVersion: "aim.eai.amd.com/v1alpha1",
    kind: "AIMService",
    metadata: { name: "chat", generation: 2 },
    spec: { model: { name: "m" } },
    status,
  },
});

const time = "2026-01-01T00:00:00Z";

/** Shows the readings one after the other, the last one for ever. */
async function followed(readings: readonly (Objects | Error)[], seconds: number) {
  let written = "";
  let next = 0;
  const screen = screenOn({ write: (text) => written += text, size: () => undefined });
  const read = () => {
    const reading = readings[Math.min(next++, readings.length - 1)];
    return reading instanceof Error ? Promise.reject(reading) : Promise.resolve(reading);
  };
  const outcome = await follow(read, screen, { seconds, everyMilliseconds: 1 });
  return {
    outcome,
    lines: written.trimEnd().split("\n").map((line) => line.replace(/^ *[0-9.]+ s {2}/, "")),
  };
}

Deno.test("a service that gets Running ends it, with the reason of the choice; an unread cluster is read again", async () => {
  const running = serviceWith({
    status: "Running",
    observedGeneration: 2,
    resolvedTemplate: { name: "t" },
    conditions: [{
      type: "TemplateReady",
      status: "True",
      reason: "Resolved",
      message: "t is ready",
      lastTransitionTime: time,
    }],
  });
  const event = { reason: "Resolved", message: "t is ready; it alone has the GPU" };
  const { outcome, lines } = await followed(
    [nothing, new Error("not now"), serviceWith({ status: "Starting" }), { ...running, events: [event] }],
    60,
  );
  assert.deepEqual(outcome, { running: true, choice: "t is ready; it alone has the GPU" });
  assert.deepEqual(lines.map((line) => line.replace(/ +/g, " ")), [
    "service chat Starting",
    "choice t Resolved t is ready; it alone has the GPU",
    "service chat Running",
  ]);
});

Deno.test("Running of an older generation is not the end", async () => {
  const { outcome } = await followed([serviceWith({ status: "Running", observedGeneration: 1 })], 0.05);
  assert.equal(outcome.running, false);
});

Deno.test("when the time is over, it says what the status says is missing", async () => {
  const conditions = [
    {
      type: "ModelReady",
      status: "True" as const,
      reason: "ModelResolved",
      message: "fine",
      lastTransitionTime: time,
    },
    {
      type: "CacheReady",
      status: "False" as const,
      reason: "PVCNotBound",
      message: "no such class",
      lastTransitionTime: time,
    },
  ];
  assert.deepEqual((await followed([serviceWith({ status: "Starting", conditions })], 0)).outcome, {
    running: false,
    says: ["status: Starting", "CacheReady=False PVCNotBound: no such class"],
  });
  assert.deepEqual((await followed([serviceWith(undefined)], 0)).outcome, {
    running: false,
    says: ["The service has no status: the operator has not looked at it."],
  });
  assert.deepEqual((await followed([nothing], 0)).outcome, {
    running: false,
    says: ["There is no such service."],
  });
  assert.deepEqual((await followed([new Error("refused")], 0)).outcome, {
    running: false,
    says: ["The cluster could not be read: refused"],
  });
});

Deno.test("a download under way is told of, one that has not begun or is over is not", async () => {
  const artifact = (status: Objects["artifacts"][number]["status"]): Objects => ({
    ...nothing,
    artifacts: [{
      apiVersion: "aim.eai.amd.com/v1alpha1",
      kind: "AIMArtifact",
      metadata: { name: "a" },
      spec: { sourceUri: "hf://org/m" },
      status,
    }],
  });
  const told = async (objects: Objects) => {
    let times = 0;
    const screen = screenOn({ write: () => {}, size: () => undefined });
    await follow(() => Promise.resolve(objects), screen, { seconds: 0, onDownloading: () => times++ });
    return times;
  };
  assert.equal(await told(artifact({ status: "Pending" })), 0);
  assert.equal(await told(artifact({ status: "Pending", progress: { percentage: 0 } })), 1);
  assert.equal(await told(artifact({ status: "Ready", progress: { percentage: 100 } })), 0);
});
