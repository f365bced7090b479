import assert from "node:assert/strict";
import { CachedKind } from "../kube/cache/cached_kind.ts";
import type { InformerState } from "../kube/watch/informer.ts";
import type { KubeObject } from "../kube/object.ts";
import { ApiError, NetworkError } from "../kube/errors.ts";
import { SilentWatchError } from "../kube/watch/watch.ts";
import { passOf } from "../operator/core/pass_fixture.ts";
import { ClassifiedError } from "../operator/errors/errors.ts";
import { startLog } from "./log.ts";
import { logOf } from "./reporting.ts";

const resource = { group: "g.example", version: "v1", kind: "Apple", plural: "apples", namespaced: true };
const apples = new CachedKind<KubeObject, false>({ resource, optional: false });
const pass = passOf("apple", apples);

function reporting(level: "debug" | "info" = "info") {
  const written: Record<string, unknown>[] = [];
  const log = startLog({
    encoder: "json",
    level,
    time: "rfc3339",
    write: (line) => {
      const { ts: _, ...rest } = JSON.parse(line);
      written.push(rest);
    },
  });
  return { told: logOf(log), written };
}

const about = {
  controller: "apple",
  controllerGroup: "g.example",
  controllerKind: "Apple",
  Apple: { name: "a", namespace: "n" },
  namespace: "n",
  name: "a",
  reconcileID: "0b54ed5e",
};

const refused = (status: number, reason: string, message: string) =>
  new ApiError({ status, reason, message, method: "PATCH", path: "/apis/batch/v1/namespaces/n/jobs/a" });
const unheard = new NetworkError("NetworkTimeout", "no answer", { sent: true, method: "PATCH", path: "/" });

/** Why a write failed, and whether that is a fault of ours or of what we stand on. */
const failures: readonly (readonly [error: Error, level: "info" | "error"])[] = [
  [new TypeError("undefined is not"), "error"],
  [unheard, "error"],
  [refused(500, "InternalError", "etcd is away"), "error"],
  [refused(503, "ServiceUnavailable", "shutting down"), "error"],
  [refused(429, "TooManyRequests", "busy"), "error"],
  [refused(401, "Unauthorized", "who are you"), "error"],
  [refused(422, "Invalid", "spec.x is wrong"), "info"],
  [refused(403, "Forbidden", "violates PodSecurity"), "info"],
  [refused(403, "Forbidden", "pods is forbidden: exceeded quota: q"), "info"],
  [refused(400, "BadRequest", "webhook says no"), "info"],
  [refused(404, "NotFound", "namespace is gone"), "info"],
  [refused(409, "Conflict", "changed meanwhile"), "info"],
  [new ClassifiedError("InvalidSpec", "AlreadyExists", "exists already"), "info"],
];

Deno.test("a failure names its object and the error; only a fault of ours or of what we stand on is an error", () => {
  for (const [error, level] of failures) {
    const { told, written } = reporting();
    told.hooks.failed(pass, "create Job {x}", error);
    told.log("an event could not be sent", error);
    assert.deepEqual(written, [
      { level, msg: "failed to create Job {x}", ...about, error: error.message },
      { level, msg: "an event could not be sent", error: error.message },
    ]);
  }
});

Deno.test("a right that is missing is told once, elsewhere: here where details are asked for", () => {
  const error = refused(403, "Forbidden", 'jobs is forbidden: User "aim" cannot create resource "jobs"');
  for (const level of ["info", "debug"] as const) {
    const { told, written } = reporting(level);
    told.hooks.failed(pass, "create Job {x}", error);
    told.log("renewing the lease failed", error);
    told.onInformer!({ resource, phase: "retrying", failure: error } as unknown as InformerState);
    assert.deepEqual(written.map((line) => line.level), level === "debug" ? ["debug", "debug", "debug"] : []);
  }
});

Deno.test("events are lines too, with type and reason: what they tell is for their object's user", () => {
  const { told, written } = reporting();
  told.onNote!(pass, { type: "Warning", reason: "Rotten", message: 'got {"a":1}' });
  told.onNote!(pass, { type: "Normal", reason: "Ripe", message: "eat" });
  assert.deepEqual(written, [
    { level: "info", msg: 'got {"a":1}', ...about, type: "Warning", reason: "Rotten" },
    { level: "info", msg: "eat", ...about, type: "Normal", reason: "Ripe" },
  ]);
});

Deno.test("a mistake of ours names its object", () => {
  const { told, written } = reporting();
  told.hooks.crashed(pass, new TypeError("undefined is not"));
  told.hooks.missedWakeup(pass, "status");
  assert.deepEqual(written, [
    { level: "error", msg: "a reconcile threw", ...about, error: "undefined is not" },
    { level: "error", msg: "a change came without a wake-up", ...about, what: "status" },
  ]);
});

Deno.test("what happens all the time is told at debug only", () => {
  for (const [level, lines] of [["info", 0], ["debug", 3]] as const) {
    const { told, written } = reporting(level);
    told.hooks.reconciled(pass, "success", 0.1);
    told.hooks.applied(pass, "Job", "created");
    told.hooks.statusWritten(pass, "written");
    assert.equal(written.length, lines);
    assert.ok(written.every(({ reconcileID }) => reconcileID === pass.reconcileID));
  }
});

Deno.test("what hinders an informer is said once, and once that it goes on", () => {
  const { told, written } = reporting();
  const state = { resource, phase: "listing", failure: undefined } as unknown as {
    -readonly [K in keyof InformerState]: InformerState[K];
  };
  const tell = (phase: InformerState["phase"], failure?: Error) => {
    Object.assign(state, { phase, failure });
    told.onInformer!(state);
  };
  tell("listing");
  tell("watching");
  tell("retrying", new Error("etcd is away"));
  tell("retrying", new Error("etcd is away"));
  tell("retrying", new Error("no answer"));
  tell("watching");
  tell("watching");
  const fields = { resource: "apples", group: "g.example" };
  assert.deepEqual(written, [
    { level: "error", msg: "cannot list or watch apples", ...fields, error: "etcd is away" },
    { level: "error", msg: "cannot list or watch apples", ...fields, error: "no answer" },
    { level: "info", msg: "watching apples again", ...fields },
  ]);
});

Deno.test("a kind that goes is told once, as a fault if it is ours; one that was never there is not told", () => {
  for (const [group, level] of [["aim.eai.amd.com", "error"], ["gateway.networking.k8s.io", "info"]]) {
    const { told, written } = reporting();
    const state = { resource: { ...resource, group }, phase: "uninstalled", watches: 0 } as unknown as {
      -readonly [K in keyof InformerState]: InformerState[K];
    };
    const tell = (more: Partial<InformerState>) => told.onInformer!(Object.assign(state, more));
    tell({});
    assert.deepEqual(written, []);
    tell({ phase: "watching", watches: 1 });
    tell({ phase: "uninstalled" });
    told.onInformer!({ ...state }); // the same kind, in another namespace
    tell({ phase: "watching", watches: 2 });
    assert.deepEqual(written.map(({ level, msg }) => [level, String(msg).split(":")[0]]), [
      [level, "the cluster has no apples any more"],
      ["info", "watching apples again"],
    ]);
  }
});

Deno.test("a silent watch and a forgotten version are steps of watching: told where details are asked for", () => {
  const forgotten = new ApiError({ status: 410, message: "too old", method: "GET", path: "/" });
  for (const failure of [new SilentWatchError("nothing heard"), forgotten]) {
    for (const level of ["info", "debug"] as const) {
      const { told, written } = reporting(level);
      const state = { resource, phase: "retrying", failure } as unknown as {
        -readonly [K in keyof InformerState]: InformerState[K];
      };
      told.onInformer!(state);
      told.onInformer!(Object.assign(state, { phase: "watching", failure: undefined }));
      assert.deepEqual(written.map((line) => line.level), level === "debug" ? ["debug"] : []);
    }
  }
});

Deno.test("a message without an error is information, with one a failure", () => {
  const { told, written } = reporting();
  told.log("the lease is held by another");
  told.log("renewing the lease failed", new Error("no answer"));
  assert.deepEqual(written, [
    { level: "info", msg: "the lease is held by another" },
    { level: "error", msg: "renewing the lease failed", error: "no answer" },
  ]);
});
