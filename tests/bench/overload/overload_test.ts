/** Overload in small: as many events as the operator takes, and nothing of them is lost. In large: `deno task bench:overload`. */

import assert from "node:assert/strict";
import { play } from "./play.ts";
import { PlayedCluster } from "./played_cluster.ts";

Deno.test("a storm of events: the operator stays ready, its cache ends as the cluster, and so do its services", async () => {
  using cluster = await PlayedCluster.record({ seed: 1, services: 30, steps: 600 });
  const { length: broken } = cluster.recorded.broken;
  assert.ok(broken > 0 && broken < 30, `${broken} are broken`);
  const played = await play(cluster, { steps: 6_000 });
  assert.deepEqual(played.missed, []);
  assert.equal(played.notReady, 0);
  assert.ok(played.events >= 6_000, `${played.events} events came`);
  assert.ok(played.writes > 0, "it has written what became of its services");
});
