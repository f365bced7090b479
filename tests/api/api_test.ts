/**
 * api.md §10, §13 and §14 against an API server, one for all groups of cases.
 */
import { startScenarioServer } from "../e2e/half.ts";
import { agreement } from "./agreement.ts";
import { acceptance } from "./acceptance.ts";
import { defaults } from "./defaults.ts";
import { immutability } from "./immutability.ts";
import { installation, installCrds } from "./installation.ts";
import { kubectlViews } from "./kubectl_views.ts";
import { olderSchema } from "./older_schema.ts";
import { samples } from "./samples.ts";
import { namespace, Server } from "./server.ts";
import { statusValues } from "./status_values.ts";

Deno.test("the ten kinds on an API server", async (test) => {
  await using plane = await startScenarioServer();
  await installCrds(plane);
  await plane.apply(`{apiVersion: v1, kind: Namespace, metadata: {name: ${namespace}}}`);
  const server = new Server(plane);
  for (
    const group of [
      installation,
      acceptance,
      defaults,
      immutability,
      statusValues,
      kubectlViews,
      samples,
      agreement,
      olderSchema,
    ]
  ) {
    await test.step(group.name, async (group_) => await group(server, group_));
  }
});
