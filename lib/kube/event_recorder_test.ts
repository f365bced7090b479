import assert from "node:assert/strict";
import { ApiError, NetworkError } from "./errors.ts";
import { type EventNote, EventRecorder } from "./event_recorder.ts";
import type { RequestOptions, Transport } from "./transport.ts";

interface Sent {
  method: string;
  path: string;
  body: {
    message: string;
    count: number;
    metadata?: { name: string; namespace: string };
    [key: string]: unknown;
  };
}

/** An API server that stores what it is sent; `failing` throws before. */
class FakeServer {
  readonly sent: Sent[] = [];
  failing: (attempt: number) => unknown = () => undefined;
  attempts = 0;

  readonly transport = {
    performRequest: async (options: RequestOptions) => {
      await Promise.resolve();
      const failure = this.failing(++this.attempts);
      if (failure) throw failure;
      const body = options.bodyJson as Sent["body"];
      this.sent.push({ method: options.method, path: options.path, body });
      const name = body.metadata?.name ?? options.path.split("/").at(-1)!;
      return {
        ...body,
        metadata: { name, namespace: options.path.split("/")[4], uid: "u", resourceVersion: "1" },
      };
    },
  } as unknown as Transport;

  get counts(): string[] {
    return this.sent.map(({ method, body }) => `${method} ${body.count} ${body.message}`);
  }
}

const about = { apiVersion: "v1", kind: "Pod", namespace: "ns", name: "p", uid: "u-1" };

function note(message: string, more: Partial<EventNote> = {}): EventNote {
  return { about, type: "Warning", reason: "Failed", message, component: "aim-x-controller", ...more };
}

function recording(start = "2026-01-01T00:00:00.900Z") {
  const server = new FakeServer();
  let now = Date.parse(start);
  let set = 0;
  const logged: string[] = [];
  const timers = new Set<{ readonly at: number; readonly then: () => void }>();
  const recorder = new EventRecorder({
    transport: server.transport,
    clock: {
      now: () => new Date(now + set),
      monotonic: () => now,
      after: (milliseconds, then) => {
        const timer = { at: now + milliseconds, then };
        timers.add(timer);
        return () => timers.delete(timer);
      },
    },
    log: (message) => logged.push(message),
    queueLimit: 30,
  });
  const pass = (minutes: number) => {
    now += minutes * 60_000;
    for (const timer of [...timers].filter(({ at }) => at <= now)) {
      timers.delete(timer);
      timer.then();
    }
  };
  /** Sets the clock on the wall. */
  const setClock = (minutes: number) => {
    set += minutes * 60_000;
  };
  return { server, recorder, pass, setClock, logged, timers };
}

Deno.test("a clock that is set back neither merges what is hours apart nor drops what is said", async () => {
  const { server, recorder, pass, setClock } = recording();
  recorder.record(note("it broke"));
  await recorder.flush();
  setClock(-600);
  pass(11);
  recorder.record(note("it broke"));
  for (let i = 0; i < 5; i++) recorder.record(note(`it broke ${i}`));
  await recorder.flush();
  assert.deepEqual(server.sent.map(({ method }) => method), Array(7).fill("POST"));
});

Deno.test("an event says what, who, when, about which object", async () => {
  const { server, recorder } = recording();
  recorder.record(note("it broke"));
  await recorder.flush();
  const { method, path, body } = server.sent[0];
  assert.deepEqual([method, path], ["POST", "/api/v1/namespaces/ns/events"]);
  const { metadata, ...rest } = body;
  assert.match(metadata!.name, /^p\.[0-9a-f]{16}$/);
  assert.deepEqual(rest, {
    apiVersion: "v1",
    kind: "Event",
    involvedObject: about,
    type: "Warning",
    reason: "Failed",
    message: "it broke",
    source: { component: "aim-x-controller" },
    reportingComponent: "aim-x-controller",
    firstTimestamp: "2026-01-01T00:00:00Z",
    lastTimestamp: "2026-01-01T00:00:00Z",
    count: 1,
  });
});

Deno.test("the same note within ten minutes raises the count; after that it is a new event", async () => {
  const { server, recorder, pass } = recording();
  recorder.record(note("a"));
  await recorder.flush();
  pass(9);
  recorder.record(note("a"));
  recorder.record(note("a"));
  await recorder.flush();
  pass(9);
  recorder.record(note("a"));
  await recorder.flush();
  pass(10);
  recorder.record(note("a"));
  await recorder.flush();
  assert.deepEqual(server.counts, ["POST 1 a", "PATCH 3 a", "PATCH 4 a", "POST 1 a"]);
  assert.equal(server.sent[1].body.lastTimestamp, "2026-01-01T00:09:00Z");
});

Deno.test("notes that differ in type, reason, object or source are events of their own", async () => {
  const { server, recorder } = recording();
  recorder.record(note("a"));
  recorder.record(note("a", { type: "Normal" }));
  recorder.record(note("a", { reason: "Other" }));
  recorder.record(note("a", { component: "aim-y-controller" }));
  recorder.record(note("a", { about: { ...about, uid: "u-2" } }));
  await recorder.flush();
  assert.deepEqual(server.counts, Array(5).fill("POST 1 a"));
});

Deno.test("more than ten notes in ten minutes that differ only in their message are merged", async () => {
  const { server, recorder, pass } = recording();
  for (let n = 1; n <= 12; n++) {
    recorder.record(note(`m${n}`));
    await recorder.flush();
  }
  assert.deepEqual(server.counts.slice(0, 10), Array.from({ length: 10 }, (_, n) => `POST 1 m${n + 1}`));
  assert.deepEqual(server.counts.slice(10), [
    "POST 1 (combined from similar events): m11",
    "PATCH 2 (combined from similar events): m12",
  ]);
  pass(10);
  recorder.record(note("m13"));
  await recorder.flush();
  assert.equal(server.counts.at(-1), "POST 1 m13");
});

Deno.test("for one source and object 25 at once, then one every five minutes", async () => {
  const { server, recorder, pass } = recording();
  for (let n = 0; n < 40; n++) recorder.record(note("a"));
  recorder.record(note("b", { about: { ...about, name: "other", uid: "u-9" } }));
  await recorder.flush();
  assert.deepEqual(server.counts.sort(), ["POST 1 b", "POST 25 a"]);
  assert.equal(recorder.counts.dropped, 15);
  pass(4.9);
  recorder.record(note("a"));
  pass(0.2);
  recorder.record(note("a"));
  recorder.record(note("a"));
  await recorder.flush();
  assert.equal(recorder.counts.dropped, 17);
  assert.equal(server.counts.at(-1), "PATCH 26 a");
});

Deno.test("cluster-scoped objects have their events in namespace default; long names stay valid", async () => {
  const { server, recorder } = recording();
  recorder.record(
    note("a", { about: { apiVersion: "v1", kind: "Node", name: `${"n".repeat(229)}-x`.padEnd(253, "y") } }),
  );
  await recorder.flush();
  assert.equal(server.sent[0].path, "/api/v1/namespaces/default/events");
  assert.match(server.sent[0].body.metadata!.name, /^n{229}\.[0-9a-f]{16}$/);
});

Deno.test("recording never waits: nothing is sent before it returns", () => {
  const { server, recorder } = recording();
  recorder.record(note("a"));
  assert.equal(server.attempts, 0);
  recorder.stop();
});

Deno.test("a failure that may pass is tried again; the count is not raised twice", async () => {
  const { server, recorder } = recording();
  server.failing = (attempt) =>
    attempt === 1
      ? new NetworkError("ConnectionReset", "reset", { sent: true, method: "POST", path: "/" })
      : undefined;
  recorder.record(note("a"));
  recorder.record(note("a"));
  await recorder.flush();
  assert.deepEqual(server.counts, ["POST 2 a"]);
  assert.deepEqual(recorder.counts, { sent: 1, dropped: 0 });
});

Deno.test("a refusal is final: dropped, counted, logged", async () => {
  const { server, recorder, logged } = recording();
  server.failing = () =>
    new ApiError({ status: 403, message: "namespace is being terminated", method: "POST", path: "/" });
  recorder.record(note("a"));
  await recorder.flush();
  assert.equal(server.attempts, 1);
  assert.deepEqual(recorder.counts, { sent: 0, dropped: 1 });
  assert.deepEqual(logged, ["an event is given up: Failed on Pod ns/p"]);
});

Deno.test("a full queue drops, and what is in it goes out", async () => {
  const { server, recorder, logged } = recording();
  for (let n = 0; n < 50; n++) {
    recorder.record(note("a", { about: { ...about, name: `p${n}`, uid: `u${n}` } }));
  }
  await recorder.flush();
  assert.equal(server.sent.length, 30);
  assert.equal(recorder.counts.dropped, 20);
  assert.match(logged[0], /^the queue of events is full: /);
  recorder.record(note("a", { about: { ...about, name: "p49", uid: "u49" } }));
  await recorder.flush();
  assert.equal(server.counts.at(-1), "POST 1 a", "what was dropped is not counted later");
});

Deno.test("what was said of objects that are gone is forgotten once its window is over, though nothing more is said", async () => {
  const { recorder, pass, timers } = recording();
  const nothing = { series: 0, similar: 0, buckets: 0, queued: 0 };
  assert.deepEqual(recorder.sizes, nothing);
  for (let i = 0; i < 1_000; i++) {
    for (const message of ["once", "twice", "once"]) {
      recorder.record(note(message, { about: { ...about, name: `p-${i}`, uid: `u-${i}` } }));
    }
    if (i % 10 === 0) await recorder.flush();
  }
  await recorder.flush();
  const all = { series: 2_000, similar: 1_000, buckets: 1_000, queued: 0 };
  assert.deepEqual(recorder.sizes, all);
  pass(9);
  assert.deepEqual(recorder.sizes, all);
  pass(1);
  assert.deepEqual(recorder.sizes, { ...nothing, buckets: 1_000 });
  pass(5);
  assert.deepEqual(recorder.sizes, nothing, "the buckets are full again");
  assert.equal(timers.size, 0, "there is nothing more to forget");
});

Deno.test("a source that has said its fill does not keep what others have said", async () => {
  const { recorder, pass } = recording();
  for (let i = 0; i < 25; i++) recorder.record(note("again"));
  recorder.record(note("once", { about: { ...about, uid: "u-2" } }));
  await recorder.flush();
  pass(10);
  assert.deepEqual(recorder.sizes, { series: 0, similar: 0, buckets: 1, queued: 0 });
});

Deno.test("once stopped, nothing is left to be done", () => {
  const { recorder, timers } = recording();
  recorder.record(note("it broke"));
  assert.equal(timers.size, 1);
  recorder.stop();
  assert.equal(timers.size, 0);
});

Deno.test("of what is said within one window, the latest is remembered, and what is repeated longest", async () => {
  const { server, recorder } = recording();
  const told = (name: string) => recorder.record(note("said", { about: { ...about, name, uid: name } }));
  told("repeated");
  for (let i = 0; i < 6_000; i++) {
    told(`p-${i}`);
    if (i === 4_000) told("repeated");
    if (i % 10 === 0) await recorder.flush();
  }
  assert.deepEqual(recorder.sizes, { series: 4_096, similar: 4_096, buckets: 4_096, queued: 9 });
  await recorder.flush();
  told("repeated");
  await recorder.flush();
  assert.equal(server.sent.at(-1)?.body.count, 3);
});
