import assert from "node:assert/strict";
import { CachedKind } from "../kube/cache/cached_kind.ts";
import type { KubeObject } from "../kube/object.ts";
import { ClusterCache } from "../operator/core/cluster_cache.ts";
import { passOf } from "../operator/core/pass_fixture.ts";
import type { Operator } from "../operator/operator.ts";
import type { AnyController } from "../operator/core/controller.ts";
import type { Load } from "../operator/runner/runner.ts";
import { OperatorMetrics } from "./operator_metrics.ts";

const apples = new CachedKind<KubeObject, false>({
  resource: { group: "g", version: "v1", kind: "Apple", plural: "apples", namespaced: true },
  optional: false,
});
const pass = passOf("apple", apples);
const controllers: AnyController[] = [{
  name: "apple",
  kind: apples,
  reconcile: () => ({ children: [], removals: [] }),
}];

const idle: Load = { controller: "apple", waiting: 0, running: 0, longestSeconds: 0, totalSeconds: 0 };

/** What of an operator a scrape looks at. */
function operatorWith(load: Load, isLeader = true): Operator {
  const cache = new ClusterCache([apples]);
  return { cache, runner: { loads: () => [load] }, election: { isLeader } } as unknown as Operator;
}

/** The lines of one metric, without its help. */
async function valuesOf(metrics: OperatorMetrics, name: string): Promise<string[]> {
  return (await metrics.text()).split("\n").filter((line) =>
    line === name || new RegExp(`^${name}[{ ]`).test(line)
  );
}

Deno.test("passes are counted by controller and result", async () => {
  const metrics = new OperatorMetrics(controllers);
  metrics.hooks.reconciled(pass, "success", 0.002);
  metrics.hooks.reconciled(pass, "error", 0.2);
  metrics.hooks.reconciled(pass, "error", 20);
  metrics.hooks.crashed(pass, new Error("x"));
  assert.deepEqual(await valuesOf(metrics, "controller_runtime_reconcile_total"), [
    'controller_runtime_reconcile_total{controller="apple",result="success"} 1',
    'controller_runtime_reconcile_total{controller="apple",result="error"} 2',
    'controller_runtime_reconcile_total{controller="apple",result="requeue"} 0',
    'controller_runtime_reconcile_total{controller="apple",result="requeue_after"} 0',
  ]);
  const one = async (name: string) => (await valuesOf(metrics, name)).join();
  assert.match(await one("controller_runtime_reconcile_errors_total"), / 2$/);
  assert.match(await one("controller_runtime_reconcile_panics_total"), / 1$/);
  assert.match(await one("workqueue_retries_total"), / 2$/);
  const buckets = await valuesOf(metrics, "controller_runtime_reconcile_time_seconds_bucket");
  assert.ok(
    buckets.includes('controller_runtime_reconcile_time_seconds_bucket{le="0.25",controller="apple"} 2'),
  );
});

Deno.test("the queue: what was added is what was taken and what still waits; it never falls", async () => {
  const metrics = new OperatorMetrics(controllers);
  metrics.hooks.taken!("apple", 0.05);
  metrics.hooks.taken!("apple", 2);
  metrics.watch(operatorWith({ ...idle, waiting: 3, running: 2, longestSeconds: 4, totalSeconds: 5 }));
  const labels = 'name="apple",controller="apple"';
  assert.deepEqual(await valuesOf(metrics, "workqueue_adds_total"), [`workqueue_adds_total{${labels}} 5`]);
  assert.deepEqual(await valuesOf(metrics, "workqueue_adds_total"), [`workqueue_adds_total{${labels}} 5`]);
  assert.deepEqual(await valuesOf(metrics, "workqueue_depth"), [`workqueue_depth{${labels},priority=""} 3`]);
  assert.deepEqual(await valuesOf(metrics, "workqueue_unfinished_work_seconds"), [
    `workqueue_unfinished_work_seconds{${labels}} 5`,
  ]);
  assert.deepEqual(await valuesOf(metrics, "workqueue_longest_running_processor_seconds"), [
    `workqueue_longest_running_processor_seconds{${labels}} 4`,
  ]);
  assert.deepEqual(await valuesOf(metrics, "controller_runtime_active_workers"), [
    'controller_runtime_active_workers{controller="apple"} 2',
  ]);
  assert.deepEqual(await valuesOf(metrics, "workqueue_queue_duration_seconds_count"), [
    `workqueue_queue_duration_seconds_count{${labels}} 2`,
  ]);
});

Deno.test("the lease: 1 while this process leads; nothing without leader election", async () => {
  const name = "leader_election_master_status";
  const elected = new OperatorMetrics(controllers, "the-lease");
  elected.watch(operatorWith(idle));
  assert.deepEqual(await valuesOf(elected, name), [`${name}{name="the-lease"} 1`]);
  elected.watch(operatorWith(idle, false));
  assert.deepEqual(await valuesOf(elected, name), [`${name}{name="the-lease"} 0`]);
  const alone = new OperatorMetrics(controllers);
  alone.watch(operatorWith(idle));
  assert.deepEqual(await valuesOf(alone, name), []);
});

Deno.test("a status that no object has any more is gone from the gauges", async () => {
  const metrics = new OperatorMetrics(controllers);
  const operator = operatorWith(idle);
  metrics.watch(operator);
  const put = (resourceVersion: string, status: string) =>
    operator.cache.store(apples).put(
      { metadata: { namespace: "n", name: "a", uid: "a", resourceVersion }, status: { status } } as never,
    );
  put("1", "Pending");
  assert.deepEqual(await valuesOf(metrics, "aim_resource_status"), [
    'aim_resource_status{kind="Apple",status="Pending"} 1',
  ]);
  put("2", "Ready");
  assert.deepEqual(await valuesOf(metrics, "aim_resource_status"), [
    'aim_resource_status{kind="Apple",status="Ready"} 1',
  ]);
});

Deno.test("writes, requests, missed wake-ups and certificates", async () => {
  const metrics = new OperatorMetrics(controllers);
  metrics.hooks.applied(pass, "Job", "created");
  metrics.hooks.statusWritten(pass, "conflict");
  metrics.hooks.missedWakeup(pass, "status");
  metrics.onRequest({ method: "GET", host: "h:1", code: "<error>", seconds: 1 });
  metrics.onRegistryRequest("registry.test", "429");
  metrics.certificateRead(true);
  metrics.certificateRead(false);
  const text = await metrics.text();
  for (
    const line of [
      'aim_apply_total{kind="Job",result="created"} 1',
      'aim_status_writes_total{kind="Apple",result="conflict"} 1',
      'aim_missed_wakeups_total{controller="apple"} 1',
      'rest_client_requests_total{code="<error>",method="GET",host="h:1"} 1',
      'aim_registry_requests_total{registry="registry.test",code="429"} 1',
      "certwatcher_read_certificate_total 2",
      "certwatcher_read_certificate_errors_total 1",
    ]
  ) assert.ok(text.split("\n").includes(line), line);
});

Deno.test("the process itself", async () => {
  const metrics = new OperatorMetrics(controllers);
  const number = async (name: string) => Number((await valuesOf(metrics, name))[0]?.split(" ")[1]);
  assert.ok(await number("process_resident_memory_bytes") > 10_000_000);
  assert.ok(await number("process_cpu_seconds_total") > 0);
  assert.ok(Math.abs(await number("process_start_time_seconds") - Date.now() / 1000) < 3600);
});

Deno.test("registries without number are told apart up to a hundred: a name costs memory for good", async () => {
  const metrics = new OperatorMetrics([]);
  for (let n = 0; n < 150; n++) metrics.onRegistryRequest(`r${n}.test`, "200");
  metrics.onRegistryRequest("r0.test", "200");
  const lines = (await metrics.text()).split("\n").filter((line) => line.startsWith("aim_registry_requests"));
  assert.equal(lines.length, 101);
  assert.ok(lines.includes('aim_registry_requests_total{registry="r0.test",code="200"} 2'));
  assert.ok(lines.includes('aim_registry_requests_total{registry="other",code="200"} 50'));
});
