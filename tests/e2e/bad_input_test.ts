/** Bad input: what its user reads, and that it stops nobody else (issue: bad input). */

import assert from "node:assert/strict";
import { until } from "../control_plane/until.ts";
import { namespace, rows } from "./bad_rows.ts";
import { clusterModel, clusterTemplate, service } from "./catalogue.ts";
import { install, type Installation, uninstall } from "./installation.ts";
import type { User } from "./user.ts";

let installation: Installation;
let user: User;

Deno.test.beforeAll(async () => {
  installation = await install();
  user = installation.user;
  await user.namespace(namespace);
  const catalogue = [clusterModel("good"), clusterTemplate("good-latency", "good")];
  await user.apply([...catalogue, ...rows.flatMap(({ beside = [] }) => beside)]);
  for (const { wasReady } of rows) if (wasReady !== undefined) await setReady(wasReady);
  // Services that come before all templates have been judged take the first that is Ready.
  await until("all templates judged", async () => {
    const templates = await user.list("aimclusterservicetemplates", "default");
    return templates.every(({ metadata, status }) =>
      metadata.annotations?.["aim.eai.amd.com/reconciliation-paused"] === "true" ||
      ["Ready", "NotAvailable"].includes(status?.status)
    );
  });
  await user.apply(rows.map(({ name, spec }) => service(name, namespace, spec)));
});

/** Gives a paused template the status that it had before. */
async function setReady(name: string): Promise<void> {
  const { spec } = await user.get("aimclusterservicetemplate", name);
  const { type, metric, precision, hardware: { gpu }, modelSources } = spec;
  const metadata = { type, metric, precision, gpu: gpu.model, gpuCount: gpu.requests };
  const patch = JSON.stringify({ status: { status: "Ready", modelSources, profile: { metadata } } });
  await user.kubectl(
    "patch",
    "aimclusterservicetemplate",
    name,
    "--subresource=status",
    "--type=merge",
    "-p",
    patch,
  );
}

Deno.test.afterAll(() => uninstall(installation));

for (const { what, name, status, says } of rows) {
  Deno.test(`${what}: the service is ${status} and says why`, async () => {
    for (const [type, [reason, ...texts]] of Object.entries(says)) {
      const condition = await user.condition("aimservice", name, type, reason, namespace);
      const expected = reason === "ModelResolved" ? "True" : "False";
      assert.equal(condition.status, expected, type);
      for (const text of texts) {
        assert.ok(condition.message.includes(text), `${type} says "${condition.message}", not "${text}"`);
      }
    }
    assert.equal(await user.status("aimservice", name, namespace), status);
    const line = await user.kubectl("get", "aimsvc", name, "-n", namespace, "--no-headers");
    assert.equal(line.split(/\s+/)[1], status);
  });
}

Deno.test("beside all of them a good service runs", async () => {
  await user.apply([service("fine", namespace, { model: { name: "good" } })]);
  await user.reaches("aimservice", "fine", "Running", namespace);
});

Deno.test("kubectl describe shows the same, and the events of what went wrong", async () => {
  const text = await user.kubectl("describe", "aimservice", "no-gateway", "-n", namespace);
  assert.match(text, /Routing is enabled but no gatewayRef is configured in service or runtime config/);
  assert.match(text, /Warning\s+GatewayNotConfigured\s.*aim-service-controller/);
});

Deno.test("the API server refuses what no operator could make sense of", async () => {
  const refused = (spec: object, name = "refused") => user.refusal([service(name, namespace, spec)]);
  assert.match(await refused({}), /spec\.model: Required value/);
  assert.match(await refused({ model: {} }), /exactly one of name, image, custom must be set/);
  assert.match(
    await refused({ model: { name: "good", image: "a/b:1" } }),
    /exactly one of name, image, custom must be set/,
  );
  const resources = { limits: { memory: "lots" } };
  assert.match(
    await refused({ model: { name: "good" }, resources }),
    /spec\.resources\.limits\.memory: Invalid value: "lots"/,
  );
  assert.match(
    await refused({ model: { name: "good" }, resources: { limits: { memory: "1.5.2Gi" } } }),
    /spec\.resources\.limits\.memory: Invalid value/,
  );
  assert.match(
    await refused({ model: { name: "good" } }, "a".repeat(254)),
    /no more than 253|must be no more/,
  );
});

for (const { what, name, remedy } of rows.filter(({ remedy }) => remedy !== undefined)) {
  Deno.test(`${what}, mended: the service runs`, async () => {
    await user.apply(remedy!);
    await user.reaches("aimservice", name, "Running", namespace);
  });
}
