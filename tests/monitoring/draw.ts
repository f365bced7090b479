/** `deno task dashboard`: draws the dashboard from what a Prometheus scraped of an operator at work. */

import { parseArgs } from "node:util";
import { dashboardPanels, filled } from "./dashboard.ts";
import { type DrawnPanel, picture } from "./picture.ts";
import { watchedRun } from "./watched_run.ts";

const { values: { seconds } } = parseArgs({ options: { seconds: { type: "string", default: "120" } } });

await watchedRun(Number(seconds), async ({ prometheus, start }) => {
  const drawn: DrawnPanel[] = [];
  for (const panel of await dashboardPanels()) {
    const given = [];
    for (const target of panel.targets ?? []) {
      given.push({ target, series: await prometheus.range(filled(target), start) });
    }
    drawn.push({ ...panel, given });
  }
  await Deno.writeTextFile(new URL("../../docs/dashboard.svg", import.meta.url), picture(drawn));
});
console.log("docs/dashboard.svg");
Deno.exit(0);
