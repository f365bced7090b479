import assert from "node:assert/strict";
import { limits, overLimits } from "./limits.ts";
import { plot } from "./plot.ts";
import type { Figures } from "./run.ts";
import { table } from "./table.ts";

/** A run in which all is as it should be. */
function run(services: number, more: Partial<Figures> = {}): Figures {
  return {
    services,
    secondsUntilAllInferenceServices: services / 50,
    secondsUntilAllRunning: services / 30,
    floorSeconds: services / 35,
    runningOverFloor: 1.1,
    writesPerService: 7,
    questionsPerService: 0,
    writes: { "create events": 3 * services },
    restSeconds: 1,
    writesAtRest: 0,
    writesAtRestWithFailed: 0,
    restartWrites: 0,
    secondsUntilQuietAfterRestart: 1,
    coldStartSeconds: { empty: 0.5, full: 1 },
    cpuSeconds: services / 200,
    cpuMillisecondsPerService: 5,
    bareCpuSeconds: services / 700,
    cpuOverBare: 3.5,
    apiServerCpuSeconds: services / 25,
    apiServerFloorCpuSeconds: services / 27,
    everybodyCpuSeconds: 3,
    apiServerCpuOverFloor: 1.1,
    residentIdleMegabytes: 70,
    residentMegabytes: 80 + services / 25,
    residentPeakMegabytes: 90 + services / 25,
    ...more,
  };
}

Deno.test("what is over its limit is told with both numbers; the limit is that of the run's size", () => {
  assert.deepEqual(overLimits(run(1000)), []);
  assert.deepEqual(overLimits(run(1000, { questionsPerService: 1 })), [
    "requests a service that are no writes: 1.00, at most 0",
  ]);
  const between = { cpuOverBare: 6 };
  assert.deepEqual(overLimits(run(100, between)), []);
  assert.equal(overLimits(run(1000, between)).length, 1);
  for (const { of, most } of limits) {
    assert.ok(Object.hasOwn(most, 0), "every size has a limit");
    assert.ok(Number.isFinite(of(run(1000))));
  }
});

Deno.test("the table judges the first column and shows the others beside it", () => {
  const theirs = run(1000, { writesPerService: 16.4, coldStartSeconds: {} });
  const text = table([{ name: "ours", large: run(1000) }, { name: "theirs", large: theirs }], { mix: false });
  assert.match(text, /writes a service until Running +7\.00? +16\.4 +≤ 7\.05 +reached/);
  assert.match(text, /first reconcile after the start, empty cluster +0\.5 s +– +≤ 0\.7 s +reached/);
  const late = table([{ name: "ours", large: run(1000, { runningOverFloor: 1.21 }) }], { mix: false });
  assert.match(late, /Running over floor +1\.21 × +≤ 1\.2 × +MISSED/);
});

Deno.test("the drawing has a point for each size and line, all of them inside of it", () => {
  const svg = plot([run(1000), run(100), run(5000)]);
  const points = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map((
    [, x, y],
  ) => [Number(x), Number(y)]);
  assert.equal(points.length, 3 * (3 + 2 + 2 + 2));
  for (const [x, y] of points) assert.ok(x >= 0 && x <= 460 && y >= 40 && y <= 210, `${x}, ${y}`);
  // By size: the time of the largest run is furthest right and highest.
  assert.ok(points[0][0] < points[1][0] && points[1][0] < points[2][0]);
  assert.ok(points[0][1] > points[2][1]);
});
