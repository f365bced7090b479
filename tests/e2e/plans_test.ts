/**
 * `kubectl aim plan` beside an operator that runs: random wishes, one after the other, each planned, then applied. What has
 * come once everything is at rest is what was foreseen, byte for byte; the plan reads only.
 */

import assert from "node:assert/strict";
import { manifestsIn } from "../../lib/cli/files/manifests.ts";
import { rehearse } from "../../lib/cli/plan/plan.ts";
import { stateFor } from "../../lib/cli/state/state_for.ts";
import { detectAccess } from "../../lib/kube/access/detect_access.ts";
import { HttpTransport } from "../../lib/kube/http_transport.ts";
import { until } from "../control_plane/until.ts";
import { Random } from "../simulation/random.ts";
import { differences, newWish, objectsOf } from "../simulation/whole/plans.ts";
import { namespace } from "../simulation/whole/users_objects.ts";
import { clusterModel, clusterTemplate, model, template } from "./catalogue.ts";
import { install, type Installation, uninstall } from "./installation.ts";
import type { AnyObject } from "./user.ts";

/** How many wishes; `AIM_LIVE_PLANS` asks for others, `AIM_PROPERTY_SEED` for others of them. */
const wishes = Number(Deno.env.get("AIM_LIVE_PLANS") ?? 6);
const random = new Random(Number(Deno.env.get("AIM_PROPERTY_SEED") ?? 1));

let installation: Installation;
let transport: HttpTransport;

Deno.test.beforeAll(async () => {
  installation = await install({ namespaces: [namespace] });
  const { plane, user } = installation;
  transport = new HttpTransport(await detectAccess(plane.adminKubeconfig, undefined), {
    userAgent: "kubectl-aim",
  });
  await user.namespace(namespace);
  await user.apply([
    model("m", namespace),
    clusterModel("cm"),
    clusterModel("bare"),
    template("by-hand", namespace, "m"),
    template("by-hand-fast", namespace, "m", { metric: "throughput" }),
    clusterTemplate("cm-latency", "cm"),
    clusterTemplate("cm-throughput", "cm", { metric: "throughput" }),
    clusterTemplate("by-hand-too", "bare"),
  ]);
});

Deno.test.afterAll(async () => {
  transport?.close();
  await uninstall(installation);
});

/** What would come of a wish, and what is there now. */
async function plan(wish: AnyObject) {
  const files = manifestsIn("wish.json", JSON.stringify(wish), (fault) => {
    throw new Error(fault);
  });
  const connect = () => Promise.resolve({ transport, namespace });
  // All of the cluster: a wish may be of it.
  const { state } = await stateFor({ upgrade: true }, files, connect);
  const there = objectsOf(state.cluster);
  return { ...await rehearse(state, { files, namespace }), there };
}

/** Nothing more would come of it, nor of anything else. */
const isAtRest = ({ changes, foreseen, there }: Awaited<ReturnType<typeof plan>>) =>
  changes.length === 0 && differences(foreseen, there, false).length === 0;

/** A file that says no more what it said before: kubectl takes that away. */
const lessSaid = template("by-hand", namespace, "m", { metric: undefined, precision: undefined });

Deno.test(`${wishes} random wishes: what plan foresees is what comes`, async () => {
  for (let n = 0; n <= wishes; n++) {
    const wish = n === 0 ? lessSaid : newWish(random, n);
    const foreseen = await plan(wish);
    await installation.user.apply([wish]);
    const come = await until(`${wish.kind} ${wish.metadata.name} to be at rest`, async () => {
      const now = await plan(wish);
      return isAtRest(now) && now;
    }, { seconds: 90 });
    const wrong = differences(foreseen.foreseen, come.there, foreseen.unknown.length > 0);
    assert.deepEqual(wrong, [], `wish ${n}: ${JSON.stringify(wish)}`);
  }
});

Deno.test("all that planning sent are questions", async () => {
  const asked = (await installation.plane.auditEvents()).filter(({ userAgent }) =>
    userAgent?.startsWith("kubectl-aim")
  );
  assert.ok(asked.length > 0, "it names itself");
  assert.deepEqual([...new Set(asked.map(({ verb }) => verb))].sort(), ["get", "list"]);
});
