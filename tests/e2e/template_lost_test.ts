/**
 * A running service whose template is deleted, on real Kubernetes and KServe (issue "Which, and whether"): nothing
 * restarts, what needs no template is carried out, the rest waits, and the remedy that is named helps.
 */

import assert from "node:assert/strict";
import { until } from "../control_plane/until.ts";
import { clusterModel, clusterTemplate, service } from "./catalogue.ts";
import { install, type Installation, uninstall } from "./installation.ts";
import type { AnyObject, User } from "./user.ts";

let installation: Installation;
let user: User;
/** The predictor's pod template, as KServe made it before anything was lost. */
let podTemplate: AnyObject;

Deno.test.beforeAll(async () => {
  installation = await install();
  user = installation.user;
  await user.namespace("ml-team");
  await user.apply([
    clusterModel("qwen"),
    clusterTemplate("qwen-latency", "qwen"),
    clusterTemplate("qwen-throughput", "qwen", { metric: "throughput" }),
  ]);
  await user.clusterTemplatesReady("qwen-latency", "qwen-throughput");
  await user.apply([service("chat", "ml-team", { model: { name: "qwen" } })]);
  await user.kubectl("wait", "--for=condition=Ready", "aimservice/chat", "-n", "ml-team", "--timeout=60s");
  assert.equal((await chat()).status.resolvedTemplate.name, "qwen-latency");
  podTemplate = (await deployment()).spec.template;
});

Deno.test.afterAll(() => uninstall(installation));

const chat = () => user.get("aimservice", "chat", "ml-team");
const deployment = () => user.get("deployment", "chat-a04542d9-predictor", "ml-team");
const edit = (patch: AnyObject) =>
  user.kubectl("patch", "aimservice", "chat", "-n", "ml-team", "--type=merge", "-p", JSON.stringify(patch));
const condition = ({ status }: AnyObject, type: string) =>
  status.conditions.find((each: AnyObject) => each.type === type);
const reaches = (what: string, is: (service: AnyObject) => boolean) =>
  until(what, async () => {
    const service = await chat();
    return is(service) ? service : undefined;
  });

Deno.test("the template is deleted: the service is Degraded, its cache is found, its cause told", async () => {
  await user.kubectl("delete", "aimclusterservicetemplate", "qwen-latency");
  const lost = await reaches("Degraded", ({ status }) => status.status === "Degraded");
  assert.equal(condition(lost, "CacheReady").status, "True");
  assert.equal(condition(lost, "InferenceServiceReady").status, "True");
  assert.match(
    condition(lost, "Ready").message,
    /AIM(Cluster)?ServiceTemplate qwen-latency.* not there any more/,
  );
});

Deno.test("replicas are carried out, and no pod is replaced", async () => {
  await edit({ spec: { replicas: 3 } });
  const scaled = await until("three replicas", async () => {
    const found = await deployment();
    return found.spec.replicas === 3 && found.status.readyReplicas === 3 ? found : undefined;
  });
  assert.deepEqual(scaled.spec.template, podTemplate);
  const seen = await reaches(
    "the edit observed",
    ({ metadata, status }) => status.observedGeneration === metadata.generation,
  );
  assert.equal(seen.status.status, "Degraded");
});

Deno.test("env waits, is named, and its generation is not observed", async () => {
  await edit({ spec: { env: [{ name: "EXTRA", value: "1" }] } });
  const waits = await reaches(
    "EditsWaiting",
    (service) => condition(service, "InferenceServiceReady").reason === "EditsWaiting",
  );
  assert.match(condition(waits, "InferenceServiceReady").message, /env EXTRA/);
  assert.ok(waits.status.observedGeneration < waits.metadata.generation);
  assert.deepEqual((await deployment()).spec.template, podTemplate);
});

Deno.test("the named remedy, force-rebind, moves the endpoint to the other template, and the edit with it", async () => {
  await user.kubectl("annotate", "aimservice", "chat", "-n", "ml-team", "aim.eai.amd.com/force-rebind=now");
  const bound = await reaches(
    "Running on the other template",
    ({ metadata, status }) =>
      status.status === "Running" && status.observedGeneration === metadata.generation,
  );
  assert.equal(bound.status.resolvedTemplate.name, "qwen-throughput");
  assert.equal(bound.metadata.annotations["aim.eai.amd.com/rebound"], "now");
  const { env } = (await deployment()).spec.template.spec.containers[0];
  assert.deepEqual(env.find(({ name }: AnyObject) => name === "EXTRA"), { name: "EXTRA", value: "1" });
  const told = await until("the event", async () => {
    const events = await user.list("events", "ml-team");
    return events.find(({ reason, involvedObject }) =>
      reason === "Rebound" && involvedObject.uid === bound.metadata.uid
    );
  });
  assert.match(
    told.message,
    /AIM(Cluster)?ServiceTemplate qwen-latency -> AIM(Cluster)?ServiceTemplate qwen-throughput; /,
  );
});
