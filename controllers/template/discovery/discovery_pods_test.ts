/** Images that cannot be pulled, pods and Jobs that are refused (models-and-templates.md §5.7). */

import assert from "node:assert/strict";
import type { TemplateStatus } from "../../../lib/api/mod.ts";
import type { KubeObject } from "../../../lib/kube/object.ts";
import { onMi300x, ours, pulling, textOf, world } from "./discovery_sample.ts";
import { toldCode } from "../../../lib/operator/status/progress_conditions.ts";
import { condition, ended, jobIn, pass, podOf, stored, storedJob, template } from "../template_sample.ts";

const pulls: [message: string, reason: string, status: string, framework: string][] = [
  ["unauthorized", "ImagePullAuthFailure", "Failed", "AuthValid"],
  ["manifest unknown", "ImageNotFound", "Failed", "ConfigValid"],
  ["dial tcp: timeout", "ImagePullBackOff", "Degraded", "DependenciesReachable"],
];
for (const [message, reason, overall, framework] of pulls) {
  Deno.test(`an image that cannot be pulled (${reason}) gives its place up after two minutes (§5.7 Better)`, () => {
    const job = storedJob(template(onMi300x), world);
    const pod = pulling(job, "ErrImagePull", message);
    const first = pass(template(onMi300x), [...world, job, pod]);
    assert.equal(first.status!.status, overall);
    assert.ok(first.conditions.includes(`DiscoveryPodsReady=False/${reason}`));
    assert.ok(first.conditions.some((each) => each.startsWith(`${framework}=False`)));
    assert.deepEqual(first.plan.removals, []);

    const before = stored(first.status!, undefined, "2026-01-01T00:00:30Z");
    const at = (now: string) =>
      pass(template(onMi300x, { status: before }), [...world, job, pod], {}, { now });
    assert.deepEqual(at("2026-01-01T00:02:29Z").plan.removals, []);
    const given = at("2026-01-01T00:02:30Z");
    assert.deepEqual(given.plan.removals.map(({ ref, uid }) => [ref.name, uid]), [[
      job.metadata.name,
      "uid-job",
    ]]);
    assert.equal(given.status!.discovery!.attempts, 1);
    assert.equal(given.status!.discovery!.lastAttemptTime, "2026-01-01T00:02:30Z");
    assert.match(given.status!.discovery!.lastFailureReason!, new RegExp(`${reason}.*${message}`));

    const gone = pass(template(onMi300x, { status: stored(given.status!, before) }), world, {}, {
      now: "2026-01-01T00:02:31Z",
    });
    assert.equal(gone.status!.status, "Failed");
    assert.ok(gone.conditions.includes(`DiscoveryJobReady=False/${reason}`), `${gone.conditions}`);
    // Whose fault it is stays as well; of the infrastructure nothing is known any more.
    const stillFalse = gone.conditions.some((each) => each.startsWith(`${framework}=False`));
    assert.equal(stillFalse, reason !== "ImagePullBackOff", `${gone.conditions}`);
    assert.equal(jobIn(gone), undefined);
    const next = pass(template(onMi300x, { status: stored(gone.status!, before) }), world, {}, {
      now: "2026-01-01T00:03:30Z",
    });
    assert.ok(jobIn(next));
  });
}

Deno.test("a condition that is False since an earlier failure does not shorten the patience with a new Job", () => {
  const job = storedJob(template(onMi300x), world, {
    metadata: { creationTimestamp: "2026-01-01T01:00:00Z" },
  });
  const pod = pulling(job, "ErrImagePull", "manifest unknown");
  const before: TemplateStatus = {
    observedGeneration: 1,
    conditions: [condition("ConfigValid", "False", "InvalidSpec")],
  };
  const at = (now: string) => pass(template(onMi300x, { status: before }), [...world, job, pod], {}, { now });
  assert.deepEqual(at("2026-01-01T01:01:59Z").plan.removals, []);
  assert.equal(at("2026-01-01T01:02:00Z").plan.removals.length, 1);
});

Deno.test("a pull that fails after minutes of another trouble, or of none, gets the whole patience", () => {
  const job = storedJob(template(onMi300x), world);
  const pod = pulling(job, "ErrImagePull", "dial tcp: timeout");
  const before: TemplateStatus = {
    observedGeneration: 1,
    conditions: [condition("DependenciesReachable", "True", "Reachable")],
  };
  const at = (now: string, status = before) =>
    pass(template(onMi300x, { status }), [...world, job, pod], {}, { now });
  const seen = at("2026-01-01T00:10:00Z");
  assert.deepEqual(seen.plan.removals, [], "the image fails to be pulled since this moment");
  const told = stored(seen.status!, before, "2026-01-01T00:10:00Z");
  assert.deepEqual(at("2026-01-01T00:11:59Z", told).plan.removals, []);
  assert.equal(at("2026-01-01T00:12:00Z", told).plan.removals.length, 1);
});

Deno.test("while the Job that was given up is being deleted, the template stays Failed and says why", () => {
  const job = storedJob(template(onMi300x), world);
  const pod = pulling(job, "ErrImagePull", "manifest unknown");
  const first = stored(pass(template(onMi300x), [...world, job, pod]).status!);
  const given = pass(template(onMi300x, { status: first }), [...world, job, pod], {}, {
    now: "2026-01-01T00:02:00Z",
  });
  assert.equal(given.status!.discovery!.attempts, 1);
  // Its pod goes first.
  const leaving = { ...job, metadata: { ...job.metadata, deletionTimestamp: "2026-01-01T00:02:01Z" } };
  const after = pass(template(onMi300x, { status: stored(given.status!, first) }), [...world, leaving], {}, {
    now: "2026-01-01T00:02:02Z",
  });
  assert.equal(after.status!.status, "Failed");
  assert.ok(after.conditions.includes("Discovered=False/DiscoveryFailed"), `${after.conditions}`);
  assert.equal(after.status!.discovery!.attempts, 1);
  assert.deepEqual(after.plan.removals, []);
  assert.equal(jobIn(after), undefined);
});

Deno.test("between two tries the kubelet only says that it waits: the cause of before stays, and since when", () => {
  const job = storedJob(template(onMi300x), world);
  const first = pass(template(onMi300x), [...world, job, pulling(job, "ErrImagePull", "manifest unknown")]);
  const before = stored(first.status!);
  const waiting = pulling(job, "ImagePullBackOff", "Back-off pulling image");
  const second = pass(template(onMi300x, { status: before }), [...world, job, waiting]);
  assert.ok(second.conditions.includes("DiscoveryPodsReady=False/ImageNotFound"));
  const third = pass(
    template(onMi300x, { status: stored(second.status!, before) }),
    [...world, job, waiting],
    {},
    {
      now: "2026-01-01T00:02:00Z",
    },
  );
  assert.equal(third.plan.removals.length, 1);
});

Deno.test("pods that are refused before they exist are told of in the status, and give the place up", () => {
  const job = storedJob(template(onMi300x), world);
  const refusal = {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: "e", namespace: "ns" },
    reason: "FailedCreate",
    message: "pods is forbidden: exceeded quota: requests",
    involvedObject: { kind: "Job", name: job.metadata.name, uid: job.metadata.uid },
  } as KubeObject;
  const { conditions, status } = pass(template(onMi300x), [...world, job, refusal]);
  assert.ok(conditions.includes("DiscoveryPodsReady=False/FailedCreate"));
  assert.equal(status!.status, "Failed");
  assert.match(textOf(status, "Ready"), /exceeded quota/);

  // Ten Jobs without a pod would keep the whole cluster from discovery for as long as a Job may take.
  const before = stored(status!);
  const at = (now: string) =>
    pass(template(onMi300x, { status: before }), [...world, job, refusal], {}, { now });
  assert.deepEqual(at("2026-01-01T00:01:59Z").plan.removals, []);
  const given = at("2026-01-01T00:02:00Z");
  assert.deepEqual(given.plan.removals.map(({ ref }) => ref.name), [job.metadata.name]);
  assert.equal(given.status!.discovery!.attempts, 1);
  assert.match(given.status!.discovery!.lastFailureReason!, /exceeded quota/);
  const gone = pass(template(onMi300x, { status: stored(given.status!, before) }), world, {}, {
    now: "2026-01-01T00:02:59Z",
  });
  assert.equal(gone.status!.status, "Failed");
  assert.ok(gone.conditions.includes("DiscoveryJobReady=False/FailedCreate"), `${gone.conditions}`);
  assert.equal(jobIn(gone), undefined);
});

Deno.test("a Job that the API server refuses is told of, and stays wanted until it is taken", () => {
  const refused = {
    result: "rejected",
    category: "InvalidSpec",
    reason: "Forbidden",
    message: "exceeded quota: jobs",
  } as const;
  const name = jobIn(pass(template(onMi300x), world))!.metadata!.name;
  const first = pass(template(onMi300x), world, { [`jobs/ns/${name}`]: refused });
  assert.ok(first.conditions.includes("DiscoveryJobReady=False/Forbidden"));
  assert.ok(first.conditions.includes("Discovered=False/DiscoveryJobRefused"));
  assert.match(textOf(first.status, "Discovered"), /cannot be made: exceeded quota/);
  // Though as many wait as there are places: it was its turn, and it holds none.
  const others = Array.from({ length: 10 }, (_, n) => {
    const metadata = { name: `other${n}`, generation: 2 };
    return template(onMi300x, { metadata, status: stored(pass(template(onMi300x), world).status!) });
  });
  assert.equal(jobIn(pass(template(onMi300x), [...world, ...others])), undefined, "a new one waits");
  const second = pass(template(onMi300x, { status: stored(first.status!) }), [...world, ...others]);
  assert.ok(jobIn(second));

  const serving = pass(template({ ...onMi300x, profileId: "other" }, { status: ours() }), world);
  const other = jobIn(serving)!.metadata!.name;
  const third = pass(template({ ...onMi300x, profileId: "other" }, { status: ours() }), world, {
    [`jobs/ns/${other}`]: refused,
  });
  assert.equal(third.status!.status, "Ready", "the earlier result serves");
  assert.match(textOf(third.status, "Discovered"), /cannot be made: exceeded quota/);
});

Deno.test("the code of a failed attempt is remembered while its Job is gone, but no other's is taken for it", () => {
  const told = (status: TemplateStatus | undefined) => toldCode(status?.conditions);
  const refused = (...besides: ReturnType<typeof condition>[]): TemplateStatus => {
    const job = storedJob(template(onMi300x), world);
    const metadata = { name: "e", namespace: "ns" };
    const involvedObject = { kind: "Job", name: job.metadata.name, uid: job.metadata.uid };
    const message = "pods is forbidden: exceeded quota: requests";
    const refusal = {
      apiVersion: "v1",
      kind: "Event",
      metadata,
      reason: "FailedCreate",
      message,
      involvedObject,
    };
    const { status } = pass(template(onMi300x), [...world, job, refusal as KubeObject], {}, {
      now: "2026-01-01T00:02:00Z",
    });
    return stored({ ...status!, conditions: [...besides, ...status!.conditions!] });
  };
  const later = (status: TemplateStatus, around = world) =>
    told(pass(template(onMi300x, { status }), around, {}, { now: "2026-01-01T00:02:01Z" }).status);
  assert.equal(later(refused()), "AIM-0801");
  // What it told then may have been of the model.
  assert.equal(later(refused(condition("ModelReady", "False", "ModelFailed"))), "AIM-0804");

  // The next attempt ends otherwise, and its pods are gone before anybody has asked them.
  const status = ended("Failed", "BackoffLimitExceeded");
  const next = storedJob(template(onMi300x), world, {
    status,
    metadata: { creationTimestamp: "2026-01-01T00:01:59Z" },
  });
  assert.equal(later(refused(), [...world, next]), "AIM-0331");
});

Deno.test("a discovery Job that has run out of time has the cause that its pods tell", () => {
  const job = storedJob(template(onMi300x), world, { status: ended("Failed", "DeadlineExceeded") });
  const placeless = podOf(job, {
    phase: "Pending",
    conditions: [{
      type: "PodScheduled",
      status: "False",
      reason: "Unschedulable",
      message: "0/1 nodes are available: 1 node(s) had untolerated taint {gpu: only}",
    }],
  });
  const { status } = pass(template(onMi300x), [...world, job, placeless]);
  assert.equal(toldCode(status?.conditions), "AIM-0402");
});
