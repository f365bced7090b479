/** Who holds one of the ten places of discovery, and for how long (models-and-templates.md §5.6, spec/README "Jobs of ours"). */

import assert from "node:assert/strict";
import { activeDiscoveries } from "../../../lib/cluster/indexes.ts";
import { watchedKinds } from "../../../lib/cluster/kinds.ts";
import type { Job, Pod } from "../../../lib/operator/objects.ts";
import type { KubeObject, Live } from "../../../lib/kube/object.ts";
import { liveObject, onView } from "../../../lib/operator/runner/view_fixture.ts";
import { failing, known, log61, onMi300x, textOf, world } from "./discovery_sample.ts";
import { ended, jobIn, pass, podOf, printed, stored, storedJob, template } from "../template_sample.ts";

const placesTaken = (job: Live<Job>) =>
  onView([job], { kinds: watchedKinds }, (view) => view.list(activeDiscoveries, "").length).result;
const suspended = (job: Live<Job>): Live<Job> => ({ ...job, spec: { ...job.spec, suspend: true } });
const at = (now: string, others: readonly KubeObject[], before?: Parameters<typeof stored>[0]) =>
  pass(template(onMi300x, before && { status: stored(before) }), [...world, ...others], {}, { now });
/** The Jobs that go; what was found out by them is stored before, since it is gone with them. */
function removed({ plan, status }: ReturnType<typeof pass>): string[] {
  if (plan.removals.length > 0) assert.deepEqual(plan.sticky?.discovery, status!.discovery);
  return plan.removals.map(({ ref }) => ref.name);
}

Deno.test("a suspended Job holds no place, waits for as long as it takes, and says so", () => {
  const running = storedJob(template(onMi300x), world);
  assert.equal(placesTaken(running), 1);
  assert.equal(placesTaken(suspended(running)), 0);
  const seen = at("2026-01-05T00:00:00Z", [suspended(running)]);
  assert.deepEqual(removed(seen), []);
  assert.equal(seen.status!.status, "Pending");
  assert.ok(seen.conditions.includes("DiscoveryJobReady=False/Suspended"), `${seen.conditions}`);
  assert.match(textOf(seen.status, "Ready"), /Job discover-t-\w+ is suspended \(by Kueue or a user\)/);
});

Deno.test("a Job that is resumed has the whole patience again", () => {
  const job = storedJob(template(onMi300x), world);
  const resumed = { ...job, status: { startTime: "2026-01-05T00:00:00Z" } };
  assert.deepEqual(removed(at("2026-01-05T00:15:59Z", [resumed])), []);
  assert.deepEqual(removed(at("2026-01-05T00:16:00Z", [resumed])), [job.metadata.name]);
});

/** As a failure of this template would have it recorded. */
function specHashOf(): string {
  const { object, job, pod, facts } = failing();
  return pass(object, [...world, job, pod], {}, { facts }).status!.discovery!.specHash!;
}

const pendingPod = (job: Live<Job>) => podOf(job, { phase: "Pending" });
const eventOf = (pod: Live<Pod>, reason: string, message: string) =>
  liveObject({
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: "e", namespace: "ns" },
    reason,
    message,
    involvedObject: { kind: "Pod", name: pod.metadata.name, uid: pod.metadata.uid },
  } as KubeObject);

const taints = "0/3 nodes are available: 3 node(s) had untolerated taint {amd.com/gpu: present}";
for (const [reason, message] of [["FailedScheduling", taints], ["FailedMount", "no such ConfigMap"]]) {
  Deno.test(`a pod that cannot start (${reason}) is waited for two minutes; its cause is in Ready, before and after`, () => {
    const job = storedJob(template(onMi300x), world);
    const pod = pendingPod(job);
    const others = [job, pod, eventOf(pod, reason, message)];
    const waiting = at("2026-01-01T00:01:59Z", others);
    assert.deepEqual(removed(waiting), []);
    assert.equal(waiting.status!.status, "Pending");
    assert.ok(waiting.conditions.includes(`Ready=False/${reason}`), `${waiting.conditions}`);
    assert.ok(textOf(waiting.status, "Ready").includes(message));

    const given = at("2026-01-01T00:02:00Z", others);
    assert.deepEqual(removed(given), [job.metadata.name]);
    assert.equal(given.status!.discovery!.attempts, 1);
    const gone = at("2026-01-01T00:02:01Z", [], given.status!);
    for (const { status, conditions } of [given, gone]) {
      assert.equal(status!.status, "Pending");
      assert.ok(conditions.includes(`Ready=False/${reason}`), `${conditions}`);
      assert.ok(textOf(status, "Ready").includes(message), textOf(status, "Ready"));
    }
    assert.equal(jobIn(gone), undefined);
    assert.ok(jobIn(at("2026-01-01T00:03:00Z", [], given.status!)), "tried again after the back-off");
  });
}

const hindrances: [reason: string, message: string, status: string][] = [
  ["CreateContainerConfigError", 'secret "token" not found', "Failed"],
  ["InvalidImageName", "couldn't parse image name", "Failed"],
  ["ErrImageNeverPull", "image is not present with pull policy of Never", "Failed"],
];
for (const [reason, message, status] of hindrances) {
  Deno.test(`a container that cannot start (${reason}) gives its place up after two minutes, and why is told`, () => {
    const job = storedJob(template(onMi300x), world);
    const pod = podOf(job, {
      phase: "Pending",
      containerStatuses: [{ name: "discovery", state: { waiting: { reason, message } } }],
    });
    assert.deepEqual(removed(at("2026-01-01T00:01:59Z", [job, pod])), []);
    const given = at("2026-01-01T00:02:00Z", [job, pod]);
    assert.deepEqual(removed(given), [job.metadata.name]);
    const gone = at("2026-01-01T00:02:01Z", [], given.status!);
    for (const { status: told, conditions } of [given, gone]) {
      assert.equal(told!.status, status);
      assert.ok(conditions.includes(`DiscoveryJobReady=False/${reason}`), `${conditions}`);
      assert.ok(textOf(told, "Ready").includes(message), textOf(told, "Ready"));
    }
  });
}

Deno.test("who found no place tries again at the latest five minutes later: nobody tells us of a free one", () => {
  const job = storedJob(template(onMi300x), world, {
    metadata: { creationTimestamp: "2026-01-01T10:00:00Z" },
  });
  const pod = pendingPod(job);
  const many = { attempts: 9, specHash: specHashOf(), lastAttemptTime: "2026-01-01T09:59:59Z" };
  const others = [job, pod, eventOf(pod, "FailedScheduling", taints)];
  const given = at("2026-01-01T10:02:00Z", others, { observedGeneration: 2, discovery: many });
  assert.equal(given.status!.discovery!.attempts, 10);
  assert.equal(jobIn(at("2026-01-01T10:06:59Z", [], given.status!)), undefined);
  assert.ok(jobIn(at("2026-01-01T10:07:00Z", [], given.status!)));
});

Deno.test("an image that is being pulled takes its time, up to the deadline", () => {
  const job = storedJob(template(onMi300x), world);
  const pod = pendingPod(job);
  const others = [job, pod, eventOf(pod, "Pulling", "Pulling image")];
  assert.deepEqual(removed(at("2026-01-01T00:14:59Z", others)), []);
  assert.deepEqual(removed(at("2026-01-01T00:16:00Z", others)), [job.metadata.name]);
});

Deno.test("a Job that nobody ends (its node is lost, or it has no deadline) is ended by us a minute after its time", () => {
  const job = storedJob(template(onMi300x), world);
  const pod = podOf(job, { phase: "Running" });
  assert.deepEqual(removed(at("2026-01-01T00:15:59Z", [job, pod])), []);
  const given = at("2026-01-01T00:16:00Z", [job, pod]);
  assert.deepEqual(removed(given), [job.metadata.name]);
  assert.ok(given.conditions.includes("DiscoveryJobReady=False/JobDeadlineExceeded"), `${given.conditions}`);
});

/** Our container has ended, a mesh's has not. */
function heldBy(job: Live<Job>, exitCode: number): Live<Pod> {
  const finishedAt = "2026-01-01T00:00:10Z";
  return podOf(job, {
    phase: "Running",
    containerStatuses: [
      { name: "discovery", state: { terminated: { exitCode, finishedAt, reason: exitCode ? "Error" : "" } } },
      { name: "mesh-proxy", ready: true, state: { running: { startedAt: finishedAt } } },
    ],
  });
}

Deno.test("a container of others keeps the pod: what ours has found is read, who keeps it is said, the Job goes", () => {
  const job = storedJob(template(onMi300x), world);
  const pod = heldBy(job, 0);
  const facts = printed(pod, known(log61));
  const reading = pass(template(onMi300x), [...world, job, pod]);
  assert.deepEqual(removed(reading), [], "its log is not read yet");
  const found = pass(template(onMi300x), [...world, job, pod], {}, { facts });
  assert.equal(found.status!.status, "Ready");
  assert.equal(found.status!.profile!.metadata!.engine, "vllm");
  assert.match(textOf(found.status, "Discovered"), /pod \S+ does not end: container mesh-proxy/);
  assert.deepEqual(removed(found), [job.metadata.name]);

  // The status was stored, the removal not sent.
  const again = pass(template(onMi300x, { status: stored(found.status!) }), [...world, job, pod]);
  assert.equal(again.status!.status, "Ready");
  assert.deepEqual(removed(again), [job.metadata.name]);
  const complete: Live<Job> = { ...job, status: ended("Complete") };
  const whole = pass(template(onMi300x), [...world, complete, pod], {}, {
    facts,
  });
  assert.deepEqual(removed(whole), [], "a Job that has ended is left to its time to live");
});

Deno.test("a container of others keeps a pod of which ours has failed: the attempt has failed, and why is told", () => {
  const { job: { status: _, ...job }, facts } = failing();
  const pod = heldBy(job as Live<Job>, 1);
  const logs = Object.fromEntries(Object.entries(facts));
  const given = pass(template(onMi300x), [...world, job as Live<Job>, pod], {}, { facts: logs });
  assert.deepEqual(removed(given), [job.metadata.name]);
  assert.equal(given.status!.status, "Failed");
  assert.equal(given.status!.discovery!.attempts, 1);
  assert.match(given.status!.discovery!.lastFailureReason!, /exit code 1.*two\nthree\nfour/s);
  assert.match(textOf(given.status, "Ready"), /mesh-proxy/);
});
