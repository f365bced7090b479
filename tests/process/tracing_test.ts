/** Traces of the operator, as a collector gets them. */

import assert from "node:assert/strict";
import { until } from "../control_plane/until.ts";
import { type EmbeddedCluster, startEmbeddedCluster } from "../embedded/embedded_cluster.ts";
import { installManifests } from "../embedded/installation.ts";
import { attribute, OtlpReceiver, type ReceivedSpan } from "./otlp_receiver.ts";
import { Program } from "./program.ts";

const services = "/apis/aim.eai.amd.com/v1alpha1/namespaces/default/aimservices";

/** A cluster with one service, whose model is not there. */
async function clusterWithService(): Promise<EmbeddedCluster> {
  const cluster = await startEmbeddedCluster({ alone: true });
  await installManifests(cluster);
  await until("the kinds are served", () => cluster.request("GET", services));
  await cluster.request("POST", services, {
    apiVersion: "aim.eai.amd.com/v1alpha1",
    kind: "AIMService",
    metadata: { name: "chat" },
    spec: { model: { name: "nowhere" } },
  });
  return cluster;
}

/** Runs the operator until the service has a status and `enough` holds; returns its log. */
async function run(
  cluster: EmbeddedCluster,
  env: Record<string, string>,
  enough: () => boolean,
): Promise<string> {
  const kubeconfig = await cluster.kubeconfigFor("aim-system", "aim-engine-controller-manager");
  await using program = new Program(
    [`--kubeconfig=${kubeconfig}`, "--health-probe-bind-address=0", "--zap-log-level=debug"],
    { read: [cluster.folder], env },
  );
  await until(
    "the service has a status, and what is waited for has come",
    async () =>
      (await cluster.request("GET", `${services}/chat`)).status?.conditions !== undefined && enough(),
  );
  program.kill("SIGTERM");
  assert.equal(await program.ended(), 0, program.stderr);
  return program.stderr;
}

Deno.test("a reconcile is a span with the fields of its log, and each of its requests one below it", async () => {
  await using cluster = await clusterWithService();
  await using receiver = new OtlpReceiver();
  const childrenOf = ({ spanId }: ReceivedSpan) =>
    receiver.spans.filter(({ parentSpanId }) => parentSpanId === spanId);
  const written = (span: ReceivedSpan) =>
    childrenOf(span).find((child) =>
      attribute(child, "http.request.method") === "PATCH" &&
      attribute(child, "url.full")?.includes(`${services}/chat/status`)
    );
  const ofService = () =>
    receiver.spans.filter(({ name, attributes }) =>
      name === "reconcile AIMService" && attributes?.some(({ value }) => value.stringValue === "chat")
    );
  const log = await run(cluster, { ...receiver.env, OTEL_DENO: "true" }, () => ofService().some(written));

  const span = ofService().find(written)!;
  assert.ok(!span.parentSpanId, "a trace of its own");
  const child = written(span)!;
  assert.equal(child.traceId, span.traceId);
  assert.equal(attribute(child, "http.response.status_code"), "200");
  assert.ok(BigInt(child.startTimeUnixNano) >= BigInt(span.startTimeUnixNano));
  assert.ok(BigInt(child.endTimeUnixNano) <= BigInt(span.endTimeUnixNano), "it ends when all is written");

  const id = attribute(span, "reconcileID");
  const line = log.trim().split("\n").map((each) => JSON.parse(each))
    .find(({ msg, reconcileID }) => msg === "reconciled" && reconcileID === id);
  assert.ok(line, `no line of the log has reconcileID ${id}`);
  for (const key of ["controller", "controllerKind", "namespace", "name", "result"]) {
    assert.equal(attribute(span, key), line[key], key);
  }
  // What is not part of a reconcile is below none: the watches.
  const reconciles = new Set(
    receiver.spans.filter(({ name }) => name.startsWith("reconcile ")).map(({ spanId }) => spanId),
  );
  const watches = receiver.spans.filter((each) => attribute(each, "url.full")?.includes("watch="));
  assert.ok(watches.length > 0, "watches have spans");
  assert.deepEqual(watches.filter(({ parentSpanId }) => reconciles.has(parentSpanId ?? "")), []);
  // No reconcile is part of another.
  assert.deepEqual(
    receiver.spans.filter(({ name, parentSpanId }) => name.startsWith("reconcile ") && parentSpanId),
    [],
  );
});

Deno.test("unless it is told to, the operator sends no traces", async () => {
  await using cluster = await clusterWithService();
  await using receiver = new OtlpReceiver();
  await run(cluster, { ...receiver.env }, () => true);
  assert.equal(receiver.requests, 0);
});
