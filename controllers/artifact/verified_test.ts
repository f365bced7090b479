import assert from "node:assert/strict";
import type { AIMArtifactStatus } from "../../lib/api/mod.ts";
import {
  artifact,
  claim,
  claimName,
  job,
  jobName,
  pass,
  reporting,
  verifiedStatus,
} from "./artifact_fixture.ts";

Deno.test("an excursion out of Ready starts no second download", () => {
  const away = pass(artifact({ runtimeConfigName: "gone" }, verifiedStatus()), [claim(), ...reporting()]);
  assert.equal(away.status?.status, "Failed");
  const back = pass(artifact({}, away.status), [claim(), ...reporting()]);
  assert.deepEqual(back.wants, [`PersistentVolumeClaim ${claimName}`]);
  assert.equal(back.status?.status, "Ready");
});

Deno.test("a volume that is new is empty, though its name and the stored status say otherwise", () => {
  const gone = pass(artifact({}, verifiedStatus()), reporting());
  assert.ok(gone.wants.includes(`PersistentVolumeClaim ${claimName}`));
  assert.equal(gone.status?.status, "Progressing");
  assert.ok(gone.conditions.includes("DownloadComplete False Downloading"));

  // A crash between making the volume and storing that: the stored status still says Verified.
  const anew = pass(artifact({}, verifiedStatus("former-claim")), [claim(), ...reporting()]);
  assert.ok(anew.wants.includes(`Job ${jobName}`));
  assert.equal(anew.status?.status, "Progressing");

  // A complete Job of the former volume proves nothing about this one; it must go first.
  const former = job({ claim: "former-claim", ended: { type: "Complete" } });
  const seen = pass(artifact({}, verifiedStatus("former-claim")), [claim(), former, ...reporting()]);
  assert.ok(seen.wants.includes(`- Job ${jobName}`));
  assert.ok(!seen.wants.includes(`Job ${jobName}`));
  assert.equal(seen.status?.status, "Progressing");
});

Deno.test("a verified download that AIM Engine recorded is believed; its Jobs go by their time", () => {
  const recorded: AIMArtifactStatus = {
    ...verifiedStatus(),
    conditions: verifiedStatus().conditions!.map((each) => ({ ...each, message: "Download verified" })),
  };
  const taken = pass(artifact({}, recorded), [claim(), ...reporting()]);
  assert.equal(taken.status?.status, "Ready");
  assert.deepEqual(taken.wants, [`PersistentVolumeClaim ${claimName}`]);

  const at = (creationTimestamp: string) =>
    job({
      ended: { type: "Complete" },
      metadata: { name: jobName, namespace: "ml", uid: "job-uid", annotations: {}, creationTimestamp },
    });
  const volume = claim("Bound", { creationTimestamp: "2025-12-31T00:00:00Z" });
  assert.equal(pass(artifact(), [volume, at("2025-12-31T00:00:01Z")]).status?.status, "Ready");
  assert.notEqual(pass(artifact(), [volume, at("2025-12-30T23:59:59Z")]).status?.status, "Ready");
});
