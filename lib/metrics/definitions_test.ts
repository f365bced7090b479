/** The metrics of conventions.md §12, name by name and label by label. */

import assert from "node:assert/strict";
import { definitions } from "./definitions.ts";

const queue = ["name", "controller"];

/** As the specification has them: name, type, labels. */
const specified: readonly (readonly [name: string, type: string, labels: readonly string[]])[] = [
  ["controller_runtime_reconcile_total", "counter", ["controller", "result"]],
  ["controller_runtime_reconcile_errors_total", "counter", ["controller"]],
  ["controller_runtime_terminal_reconcile_errors_total", "counter", ["controller"]],
  ["controller_runtime_reconcile_panics_total", "counter", ["controller"]],
  ["controller_runtime_reconcile_time_seconds", "histogram", ["controller"]],
  ["controller_runtime_max_concurrent_reconciles", "gauge", ["controller"]],
  ["controller_runtime_active_workers", "gauge", ["controller"]],
  ["workqueue_depth", "gauge", [...queue, "priority"]],
  ["workqueue_adds_total", "counter", queue],
  ["workqueue_queue_duration_seconds", "histogram", queue],
  ["workqueue_work_duration_seconds", "histogram", queue],
  ["workqueue_unfinished_work_seconds", "gauge", queue],
  ["workqueue_longest_running_processor_seconds", "gauge", queue],
  ["workqueue_retries_total", "counter", queue],
  ["rest_client_requests_total", "counter", ["code", "method", "host"]],
  ["leader_election_master_status", "gauge", ["name"]],
  ["certwatcher_read_certificate_total", "counter", []],
  ["certwatcher_read_certificate_errors_total", "counter", []],
  // Better:
  ["aim_resource_status", "gauge", ["kind", "status"]],
  ["aim_condition_false", "gauge", ["kind", "type", "reason"]],
  ["aim_status_writes_total", "counter", ["kind", "result"]],
  ["aim_apply_total", "counter", ["kind", "result"]],
  ["aim_registry_requests_total", "counter", ["registry", "code"]],
  ["aim_download_bytes", "gauge", ["namespace", "artifact"]],
  ["aim_discovery_jobs_active", "gauge", []],
];

/** Names that Go's client library gives to what a process may know of itself here; there is no `go_*` without Go. */
const ofProcess = [
  ["process_cpu_seconds_total", "counter", []],
  ["process_resident_memory_bytes", "gauge", []],
  ["process_start_time_seconds", "gauge", []],
] as const;

/** Beyond the specification. */
const ofOurs = [
  ["aim_missed_wakeups_total", "counter", ["controller"]],
  ["aim_missing_rights", "gauge", ["verb", "group", "resource"]],
  ["aim_runtime_config_users", "gauge", ["kind", "namespace", "name", "consumer"]],
  ["process_heap_bytes", "gauge", []],
] as const;

Deno.test("all metrics of the specification with their type and labels, and four more", () => {
  const byName = (rows: readonly (readonly [string, string, readonly string[]])[]) =>
    rows.map(([name, type, labels]) => [name, type, labels.toSorted()])
      .toSorted(([a], [b]) => String(a).localeCompare(String(b)));
  assert.deepEqual(
    byName(definitions.map(({ name, type, labels }) => [name, type, Object.keys(labels)])),
    byName([...specified, ...ofProcess, ...ofOurs]),
  );
});
