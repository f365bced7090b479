import assert from "node:assert/strict";
import {
  after,
  artifact,
  claim,
  claimName,
  claimUid,
  job,
  jobName,
  pass,
  reporting,
  verified,
  verifiedStatus,
} from "./artifact_fixture.ts";

Deno.test("an excursion out of Ready starts no second download", () => {
  const subject = verified({ runtimeConfigName: "gone" });
  const away = pass(subject, [claim(), ...reporting()]);
  assert.equal(away.status?.status, "Failed");
  const back = pass({ ...after(subject, away), spec: artifact().spec }, [claim(), ...reporting()]);
  assert.deepEqual(back.wants, [`PersistentVolumeClaim ${claimName}`]);
  assert.equal(back.status?.status, "Ready");
});

Deno.test("a volume that is new is empty, though its name and the stored status say otherwise", () => {
  const gone = pass(verified(), reporting());
  assert.ok(gone.wants.includes(`PersistentVolumeClaim ${claimName}`));
  assert.equal(gone.status?.status, "Progressing");
  assert.ok(gone.conditions.includes("DownloadComplete False Downloading"));

  // A crash between making the volume and storing that: the stored status still says Verified.
  const anew = pass(verified({}, "former-claim"), [claim(), ...reporting()]);
  assert.ok(anew.wants.includes(`Job ${jobName}`));
  assert.equal(anew.status?.status, "Progressing");

  // A complete Job of the former volume proves nothing about this one; it must go first.
  const former = job({ claim: "former-claim", ended: { type: "Complete" } });
  const seen = pass(verified({}, "former-claim"), [claim(), former, ...reporting()]);
  assert.ok(seen.wants.includes(`- Job ${jobName}`));
  assert.ok(!seen.wants.includes(`Job ${jobName}`));
  assert.equal(seen.status?.status, "Progressing");
});

Deno.test("a verified download that AIM Engine recorded is believed; its Jobs go by their time", () => {
  const subject = artifact({}, verifiedStatus);
  const taken = pass(subject, [claim(), ...reporting()]);
  assert.equal(taken.status?.status, "Ready");
  assert.deepEqual(taken.wants, [`PersistentVolumeClaim ${claimName}`]);
  // From then on it is known which volume that is.
  assert.equal(pass(after(subject, taken), [claim("Bound", { uid: "anew" })]).status?.status, "Progressing");
  assert.equal(pass(after(subject, taken), [claim("Bound", { uid: claimUid })]).status?.status, "Ready");

  const at = (creationTimestamp: string) =>
    job({
      ended: { type: "Complete" },
      metadata: { name: jobName, namespace: "ml", uid: "job-uid", annotations: {}, creationTimestamp },
    });
  const volume = claim("Bound", { creationTimestamp: "2025-12-31T00:00:00Z" });
  assert.equal(pass(artifact(), [volume, at("2025-12-31T00:00:01Z")]).status?.status, "Ready");
  assert.notEqual(pass(artifact(), [volume, at("2025-12-30T23:59:59Z")]).status?.status, "Ready");
});
