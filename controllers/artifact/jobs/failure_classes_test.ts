/**
 * The classes of the downloader's verdict (caching-and-artifacts.md §6.3 Better), all the way: what the artifact says while the Job goes
 * on and once it has ended, what a person reads, and when it is tried again (§5.12 with Better).
 */

import assert from "node:assert/strict";
import type { FailureClass } from "../../../lib/download/failure.ts";
import { after, artifact, claim, failedPod, job, jobName, pass, reporting } from "../artifact_fixture.ts";

interface Row {
  /** `status`, reason of Ready, reason of the pods, condition that is False besides. */
  readonly atOnce: string;
  readonly ended: string;
  /** Minutes from the end of the first, second and third attempt to the next. */
  readonly pauses: readonly [number, number, number];
}

/** §5.12: an hour for what does not pass by itself, a minute that doubles for what may. */
const rows: Readonly<Record<FailureClass, Row>> = {
  auth: {
    atOnce: "Failed AuthError AuthError AuthValid",
    ended: "Failed AuthError AuthError AuthValid+ConfigValid",
    pauses: [60, 60, 60],
  },
  notFound: {
    atOnce: "Failed InvalidSpec SourceNotFound ConfigValid",
    ended: "Failed InvalidSpec SourceNotFound ConfigValid",
    pauses: [60, 60, 60],
  },
  storageFull: {
    atOnce: "Failed StorageFull StorageFull -",
    ended: "Failed InvalidSpec StorageFull ConfigValid",
    pauses: [60, 60, 60],
  },
  network: {
    atOnce: "Progressing Progressing PodFailed -",
    ended: "Failed InvalidSpec PodFailed ConfigValid",
    pauses: [1, 2, 4],
  },
  other: {
    atOnce: "Progressing Progressing PodFailed -",
    ended: "Failed InvalidSpec PodFailed ConfigValid",
    pauses: [1, 2, 4],
  },
};

/** As long as the downloader lets it become; what is wrong stands first, what to do last. */
const message = `https://hub answers 4xx ${"x".repeat(2500)}: set HF_TOKEN`;
const removed = `- Job ${jobName}`;
const around = [claim(), ...reporting()];

function summary({ status, conditions }: ReturnType<typeof pass>): string {
  const reasonOf = (type: string) => conditions.find((text) => text.startsWith(`${type} `))?.split(" ")[2];
  const aggregates = /^(AuthValid|ConfigValid|DependenciesReachable) False/;
  const extra = conditions.filter((text) => aggregates.test(text)).map((text) => text.split(" ")[0]);
  return [status?.status, reasonOf("Ready"), reasonOf("DownloadJobPodsReady"), extra.join("+") || "-"].join(
    " ",
  );
}

for (const [failureClass, { atOnce, ended, pauses }] of Object.entries(rows)) {
  const verdict = failedPod(1, "Error", JSON.stringify({ class: failureClass, message }));
  const failed = (attempt: number) =>
    job({ attempt, ended: { type: "Failed", reason: "BackoffLimitExceeded", at: "2026-01-01T00:00:00Z" } });

  Deno.test(`${failureClass}: what the artifact says, while the Job goes on and once it has ended`, () => {
    const goesOn = pass(artifact(), [...around, job(), verdict]);
    assert.equal(summary(goesOn), atOnce);
    assert.match(goesOn.messages.DownloadJobPodsReady, /hub answers 4xx .* … .*: set HF_TOKEN$/);
    const over = pass(artifact(), [...around, failed(1), verdict]);
    assert.equal(summary(over), ended);
    for (const type of ["Ready", "DownloadJobPodsReady", "DownloadComplete"]) {
      assert.match(over.messages[type], /: set HF_TOKEN/, type);
    }
    assert.match(
      over.messages.DownloadComplete,
      /^Download attempt 1 failed at 2026-01-01T00:00:00Z; the next/,
    );
  });

  Deno.test(`${failureClass}: when it is tried again`, () => {
    for (const [before, minutes] of pauses.entries()) {
      const due = new Date(Date.parse("2026-01-01T00:00:00Z") + minutes * 60_000);
      const at = (time: Date) =>
        pass(artifact(), [...around, failed(before + 1), verdict], time.toISOString()).wants.includes(
          removed,
        );
      assert.ok(!at(new Date(due.getTime() - 1000)), `after attempt ${before + 1}`);
      assert.ok(at(due), `after attempt ${before + 1}`);
    }
    // A change is a cure that is tried at once, whatever it is for.
    const seen = pass(artifact(), [...around, failed(1), verdict]);
    const changed = {
      ...after(artifact(), seen),
      spec: artifact({ env: [{ name: "HF_TOKEN", value: "another" }] }).spec,
    };
    assert.ok(pass(changed, [...around, failed(1), verdict]).wants.includes(removed));
  });
}

Deno.test("a class that nobody knows is read as a log", () => {
  const unknown = failedPod(
    1,
    "Error",
    JSON.stringify({ class: "weather", message: "no space left on device" }),
  );
  assert.equal(summary(pass(artifact(), [...around, job(), unknown])), "Failed StorageFull StorageFull -");
});
