/** Volumes that turn out to be too small: measured again, made larger where that is allowed, else told (issue "Weights", 3). */

import assert from "node:assert/strict";
import type { AIMArtifact } from "../../lib/api/mod.ts";
import type { PersistentVolumeClaim } from "../../lib/operator/objects.ts";
import type { KubeObject } from "../../lib/kube/object.ts";
import { watchedKinds } from "../../lib/cluster/kinds.ts";
import { liveObject, onView } from "../../lib/operator/runner/view_fixture.ts";
import { roomOf } from "./room.ts";
import {
  after,
  artifact,
  claim,
  claimName,
  claimUid,
  event,
  failedPod,
  job,
  jobName,
  pass,
  pod,
  reporting,
  runtimeConfig,
  verified,
} from "./artifact_fixture.ts";

const gibi = 2 ** 30;
const checkName = "test-hf-check-size-16b81fda";
/** Before the next attempt is due by itself. */
const now = "2026-01-01T00:00:00Z";

/** A claim of class `fast` that asks for so much and has got so much. */
function volume(
  asks = "2Gi",
  has = asks,
  more: { readonly status?: object; readonly spec?: object; readonly metadata?: object } = {},
): PersistentVolumeClaim {
  const of = claim("Bound", more.metadata);
  return {
    ...of,
    spec: { ...of.spec, storageClassName: "fast", resources: { requests: { storage: asks } }, ...more.spec },
    status: { phase: "Bound", capacity: { storage: has }, ...more.status },
  };
}

const fast = (allowVolumeExpansion?: boolean): KubeObject => ({
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: "fast" },
  provisioner: "example.com/p",
  ...(allowVolumeExpansion === undefined ? {} : { allowVolumeExpansion }),
} as KubeObject);

const fullPod = failedPod(1, "Error", '{"class":"storageFull","message":"no space left on device"}');
const failedJob = job({ ended: { type: "Failed", reason: "BackoffLimitExceeded" } });
const check = (bytes: number, made = "2026-01-01T00:00:00Z"): KubeObject[] => {
  const base = job({ ended: { type: "Complete" } });
  return [
    {
      ...base,
      metadata: { ...base.metadata, name: checkName, uid: "check-uid", creationTimestamp: made },
    } as KubeObject,
    {
      ...pod({
        phase: "Succeeded",
        containerStatuses: [{
          name: "check-size",
          state: { terminated: { exitCode: 0, message: JSON.stringify({ sizeBytes: bytes }) } },
        }],
      }, "c1"),
      metadata: {
        name: "c1",
        namespace: "ml",
        ownerReferences: [{ apiVersion: "batch/v1", kind: "Job", name: checkName, uid: "check-uid" }],
      },
    } as KubeObject,
  ];
};

/** The artifact once it remembers that its volume of 2Gi was full. */
function full(spec: Partial<AIMArtifact["spec"]> = {}, asks = "2Gi"): AIMArtifact {
  const subject = artifact(spec);
  return after(subject, pass(subject, [volume(asks), ...reporting(), failedJob, fullPod], now));
}

/** The same once the source has been measured again. */
function measured(bytes: number, spec: Partial<AIMArtifact["spec"]> = {}): AIMArtifact {
  const subject = full(spec);
  return after(subject, pass(subject, [volume(), ...reporting(), failedJob, ...check(bytes)], now));
}

/** What the claim is asked for in the pass; undefined where it is left alone. */
function asked({ plan }: ReturnType<typeof pass>): string | undefined {
  const edit = plan.edits?.find(({ ref }) => ref.name === claimName);
  return (edit?.patch as PersistentVolumeClaim | undefined)?.spec?.resources?.requests?.storage;
}

Deno.test("after a full volume the source is measured again, by a Job that is younger than the failure", () => {
  const subject = full();
  const around = [volume(), ...reporting(), failedJob, fullPod, fast(true)];
  const seen = pass(subject, around, now);
  assert.ok(seen.wants.includes(`Job ${checkName}`), String(seen.wants));
  assert.match(seen.messages.DownloadComplete, /no space left on device; the source is being measured again/);
  const old = pass(subject, [...around, ...check(5 * gibi, "2025-12-31T00:00:00Z")], now);
  assert.deepEqual(old.wants.filter((want) => want.includes("check-size")), [`- Job ${checkName}`]);
  const another = artifact();
  const denied = failedPod(1, "Error", "Cannot access gated repo: a/b");
  const auth = after(another, pass(another, [volume(), ...reporting(), failedJob, denied], now));
  assert.ok(!pass(auth, [volume(), ...reporting(), failedJob], now).wants.includes(`Job ${checkName}`));
});

Deno.test("what was measured counts from then on, if it is more than what was said", () => {
  for (const [bytes, size, volumeSize] of [[5 * gibi, "5 GiB", "6Gi"], [gibi / 2, "1 GiB", "2Gi"]] as const) {
    const subject = measured(bytes);
    assert.equal(subject.status?.displaySize, size);
    assert.equal(subject.status?.discoveredSizeBytes, bytes);
    const anew = pass(subject, [...reporting()], now);
    const made = anew.plan.children.find(({ ref }) => ref.name === claimName);
    const { spec } = (made as { desired: PersistentVolumeClaim }).desired;
    assert.equal(spec?.resources?.requests?.storage, volumeSize, "a claim that is made anew");
  }
});

Deno.test("a class that allows it: the claim grows, and the next attempt begins when it has grown", () => {
  const subject = measured(5 * gibi);
  const around = [...reporting(), failedJob, fullPod, fast(true)];
  const growing = pass(subject, [volume(), ...around], now);
  assert.equal(asked(growing), "6Gi");
  assert.ok(growing.conditions.includes("CachePvcReady False PvcResizing"));
  assert.match(growing.messages.Ready, /being made larger, from 2Gi to 6Gi/);
  assert.equal(growing.status?.status, "Progressing");
  // Asked for; the resizer is at it, or has trouble.
  const asking = volume("6Gi", "2Gi");
  const waiting = pass(subject, [asking, ...around], now);
  assert.equal(asked(waiting), undefined);
  assert.ok(!waiting.wants.includes(`Job ${jobName}`) && !waiting.wants.includes(`- Job ${jobName}`));
  const due = pass(subject, [asking, ...reporting(), fast(true)], "2026-01-01T01:00:00Z");
  assert.ok(due.wants.includes(`Job ${jobName}`), "nobody makes it larger: the attempt that is due is made");
  // Only claims of a provisioner can be made larger: the server refuses it of others, however often it is asked.
  const refused = pass(subject, [volume(), ...reporting(), fast(true)], "2026-01-01T01:00:00Z");
  assert.equal(asked(refused), "6Gi");
  assert.ok(refused.wants.includes(`Job ${jobName}`), "nor does it wait for what the server refuses");
  const trouble = event(asking, "VolumeResizeFailed", "the store has no room");
  assert.match(
    pass(subject, [asking, ...around, trouble], now).messages.Ready,
    /VolumeResizeFailed: the store has/,
  );
  // Grown, or the file system follows when the next pod mounts it.
  const conditions = [{ type: "FileSystemResizePending", status: "True" }];
  for (const grown of [volume("6Gi"), volume("6Gi", "2Gi", { status: { conditions } })]) {
    assert.ok(
      pass(subject, [grown, ...around], now).wants.includes(`- Job ${jobName}`),
      "the failed Job goes",
    );
    assert.ok(pass(subject, [grown, ...reporting(), fast(true)], now).wants.includes(`Job ${jobName}`));
  }
  assert.equal(pass(subject, [volume("6Gi"), ...around], now).status?.allocatedSize, "6Gi");
});

Deno.test("more headroom makes a full volume larger, too; the attempt does not wait until it is due", () => {
  const subject = measured(gibi);
  const config = runtimeConfig({ storage: { pvcHeadroomPercent: 150 } });
  const around = [...reporting(), failedJob, fullPod, fast(true), config];
  assert.equal(asked(pass(subject, [volume(), ...around], now)), "3Gi");
  assert.ok(pass(subject, [volume("3Gi"), ...around], now).wants.includes(`- Job ${jobName}`));
});

Deno.test("a class that may not be read: that it may let claims grow is not known, and what helps", () => {
  const claims = volume() as Parameters<typeof roomOf>[1];
  const { result } = onView(
    [fast(true)],
    { kinds: watchedKinds, outOfReach: ["storageclasses"] },
    (view) => roomOf(liveObject(artifact()), claims, { bytes: 5n * BigInt(gibi), percent: 10 }, view),
  );
  assert.equal(result.state, "fixed");
  assert.match(
    (result as { text: string }).text,
    /whether StorageClass fast lets claims be made larger is not known, since StorageClasses are out of reach: .* list and watch storageclasses\.storage\.k8s\.io; .*, or by hand: delete PersistentVolumeClaim/,
  );
});

Deno.test("a volume that cannot grow: what it has, what is needed, and what helps; nothing is tried before it is due", () => {
  const needs =
    /test-hf-cache-16b81fda asks for 2Gi; the weights have 5 GiB and need 6Gi with 10 percent of headroom/;
  const rows: [string, PersistentVolumeClaim, KubeObject[], RegExp][] = [
    [
      "not allowed",
      volume(),
      [fast()],
      /StorageClass fast lets no claim .*: set allowVolumeExpansion: true in Stor/,
    ],
    ["forbidden", volume(), [fast(false)], /StorageClass fast lets no claim be made larger/],
    ["no such class", volume(), [], /StorageClass fast is not there: make StorageClass fast, or delete/],
    [
      "no class",
      volume("2Gi", "2Gi", { spec: { storageClassName: "" } }),
      [],
      /names no StorageClass.*: delete/,
    ],
  ];
  const subject = measured(5 * gibi);
  for (const [what, of, classes, text] of rows) {
    const seen = pass(subject, [of, ...reporting(), failedJob, fullPod, ...classes], now);
    assert.equal(asked(seen), undefined, what);
    assert.ok(!seen.wants.some((want) => want.includes(jobName)), what);
    for (const type of ["Ready", "DownloadComplete"]) {
      assert.match(seen.messages[type], needs, what);
      assert.match(seen.messages[type], text, what);
      assert.match(
        seen.messages[type],
        /delete PersistentVolumeClaim \S+, and a new one of 6Gi is made/,
        what,
      );
    }
    assert.ok(seen.conditions.includes("DownloadJobPodsReady False StorageFull"), what);
    const due = pass(subject, [of, ...reporting(), ...classes], "2026-01-01T01:00:00Z");
    assert.ok(due.wants.includes(`Job ${jobName}`), `${what}: due`);
  }
});

Deno.test("what was deleted is made anew, large enough, and filled at once", () => {
  const subject = measured(5 * gibi);
  const anew = volume("6Gi", "6Gi", { metadata: { uid: "another" } });
  assert.ok(pass(subject, [anew, ...reporting(), fast()], now).wants.includes(`Job ${jobName}`));
});

Deno.test("a volume that is full though it is large enough says so", () => {
  const seen = pass(measured(gibi), [volume(), ...reporting(), failedJob, fullPod, fast(true)], now);
  assert.equal(asked(seen), undefined);
  assert.match(
    seen.messages.DownloadComplete,
    /asks for 2Gi, which is enough for weights of 1 GiB: something else/,
  );
});

Deno.test("weights that cannot fit are not waited for: before the first attempt, and while one runs", () => {
  const subject = artifact({ size: "5Gi" });
  const before = pass(subject, [volume(), ...reporting(), fast(true)], now);
  assert.equal(asked(before), "6Gi");
  assert.ok(!before.wants.includes(`Job ${jobName}`));
  assert.equal(asked(pass(subject, [volume(), ...reporting(), fast(true), job()], now)), "6Gi");
  // Where it cannot grow, the attempt may fit all the same: shares of a file server are often not limited.
  assert.ok(pass(subject, [volume(), ...reporting(), fast()], now).wants.includes(`Job ${jobName}`));
});

Deno.test("what is left alone", () => {
  const rows: [string, AIMArtifact, PersistentVolumeClaim][] = [
    ["verified weights", verified({ size: "5Gi" }), volume()],
    ["more headroom than the claim has, as long as the weights fit", artifact({ size: "2Gi" }), volume()],
    ["more room than was asked for", artifact({ size: "5Gi" }), volume("2Gi", "100Gi")],
    ["a claim that is not bound: the API server would refuse", artifact({ size: "5Gi" }), {
      ...volume(),
      status: { phase: "Pending" },
    }],
    [
      "a claim that is going",
      artifact({ size: "5Gi" }),
      volume("2Gi", "2Gi", { metadata: { uid: claimUid, deletionTimestamp: now } }),
    ],
    ["a larger claim is never made smaller", artifact({ size: "1Gi" }), volume("20Gi")],
  ];
  for (const [what, subject, of] of rows) {
    assert.equal(asked(pass(subject, [of, ...reporting(), fast(true)], now)), undefined, what);
  }
});

Deno.test("how much has arrived is said while the next attempt is awaited", () => {
  const progress = { downloadedBytes: 3 * gibi, totalBytes: 5 * gibi, percentage: 60 };
  const subject = { ...full(), status: { ...full().status, progress } } as AIMArtifact;
  const seen = pass(subject, [volume(), ...reporting(), failedJob, fullPod], now);
  assert.match(
    seen.messages.DownloadComplete,
    /failed at 2025-12-31T23:59:30Z; the next begins at 2026-01-01T00:59:30Z.*; 3 GiB of 5 GiB have arrived, 2 GiB are missing/,
  );
});

Deno.test("what begins the next attempt is said as it is: of a volume that is too small nothing but a larger claim", () => {
  const env = [{ name: "A", value: "another" }];
  const old = job({ inputs: "former", ended: { type: "Failed", reason: "BackoffLimitExceeded" } });
  const subject = (() => {
    const one = artifact();
    const two = after(one, pass(one, [volume(), ...reporting(), old, fullPod], now));
    return after(two, pass(two, [volume(), ...reporting(), old, ...check(5 * gibi)], now));
  })();
  const edited = { ...subject, spec: { ...subject.spec!, env } };
  const stays = pass(edited, [volume(), ...reporting(), fast()], now);
  assert.ok(!stays.wants.includes(`Job ${jobName}`));
  for (const type of ["Ready", "DownloadComplete"]) {
    assert.match(
      stays.messages[type],
      new RegExp(`, or once PersistentVolumeClaim ${claimName} is larger: `),
    );
    assert.doesNotMatch(stays.messages[type], /or once the artifact/);
  }
  const denied = failedPod(1, "Error", "Cannot access gated repo: a/b");
  const auth = pass(artifact(), [volume(), ...reporting(), failedJob, denied], now);
  assert.match(auth.messages.DownloadComplete, /, or once the artifact, the runtime config or a Secret/);
});
