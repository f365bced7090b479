/** Jobs among what others do to them: suspended by a queue, their pods kept from ending by injected containers. */

import assert from "node:assert/strict";
import type { Pod } from "../../../lib/operator/objects.ts";
import {
  after,
  artifact,
  claim,
  claimUid,
  job,
  type JobFacts,
  jobName,
  pass,
  pod,
  reporting,
} from "../artifact_fixture.ts";

const around = (facts: JobFacts = {}) => [...reporting(), claim(), job(facts)];
const removed = `- Job ${jobName}`;

/** Our container has ended; the proxy that a mesh has put beside it goes on. */
const held = (exitCode: number, message?: string): Pod => {
  const terminated = {
    exitCode,
    reason: exitCode === 0 ? "Completed" : "Error",
    message,
    finishedAt: "2025-12-31T23:59:50Z",
  };
  return pod({
    phase: "Running",
    containerStatuses: [
      { name: "model-download", state: { terminated } },
      { name: "istio-proxy", state: { running: {} } },
    ],
  });
};

Deno.test("a suspended Job says so, and nothing else", () => {
  const suspended = { ...job(), spec: { suspend: true } };
  const { status, conditions, messages } = pass(artifact(), [...reporting(), claim(), suspended]);
  assert.equal(status?.status, "Pending");
  assert.ok(conditions.includes("DownloadJobReady False Suspended"), conditions.join());
  assert.ok(!conditions.some((text) => text.startsWith("DownloadJobPodsReady")), conditions.join());
  assert.match(messages.Ready, /suspended/);
});

Deno.test("a download that is done is done, though a foreign container keeps its pod; the Job goes", () => {
  const done = pass(artifact(), [...around(), held(0)]);
  assert.equal(done.status?.status, "Ready");
  assert.ok(done.wants.includes(removed));
  // The edit that remembers it comes first: the Job goes in the pass after that, too.
  const next = pass(after(artifact(), done), [...around(), held(0)]);
  assert.equal(next.status?.status, "Ready");
  assert.ok(next.wants.includes(removed));
  const gone = pass(after(artifact(), done), [...reporting(), claim()]);
  assert.ok(!gone.wants.includes(removed));
  assert.equal(gone.plan.edits?.length, 0);
  assert.equal(
    after(artifact(), done).metadata.annotations?.["aim.eai.amd.com/verified-claim-uid"],
    claimUid,
  );
});

Deno.test("a download that has failed has failed, and the status says who keeps the pod; the next attempt follows", () => {
  const others = [...around({ inputs: "00000000" }), held(1, "Repository Not Found: a/b")];
  const early = pass(
    artifact({}, { status: "Progressing" }),
    others.map((each) => each),
    "2025-12-31T23:59:55Z",
  );
  assert.equal(early.status?.status, "Failed");
  assert.match(early.messages.DownloadJobReady, /container istio-proxy, put into it by others/);
  assert.match(early.messages.DownloadJobPodsReady, /Repository Not Found/);
  const plain = pass(artifact(), [...around(), held(1, "Traceback")], "2026-01-01T00:00:49Z");
  assert.ok(!plain.wants.includes(removed), "not before its time");
  assert.match(plain.messages.DownloadComplete, /next begins at 2026-01-01T00:00:50Z/);
  assert.ok(
    pass(artifact(), [...around(), held(1, "Traceback")], "2026-01-01T00:00:50Z").wants.includes(removed),
  );
});

Deno.test("a foreign container beside a download that goes on says nothing", () => {
  const both = pod({
    phase: "Running",
    containerStatuses: [
      { name: "model-download", state: { running: {} } },
      { name: "istio-proxy", state: { terminated: { exitCode: 1 } } },
    ],
  });
  const { status, wants } = pass(artifact(), [...around(), both]);
  assert.equal(status?.status, "Progressing");
  assert.ok(!wants.includes(removed));
});
