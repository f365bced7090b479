/**
 * KServe: its CRDs and its own controller, in Standard mode, without ingress. It makes Deployments, so with the
 * controller manager, the scheduler and kwok an InferenceService gets pods and becomes Ready by itself.
 */
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { ControlPlane } from "../plane.ts";
import { served } from "./crds.ts";
import type { KServeOptions } from "../options.ts";
import { freePort } from "../processes/ports.ts";

/** Installs KServe and waits until it serves. Works on a running control plane. */
export async function installKServe(plane: ControlPlane, { controller }: KServeOptions = {}): Promise<void> {
  const crds = ["kserve-crds", ...(controller ? ["kserve-controller-crds"] as const : [])] as const;
  await plane.want({ yaml: crds });
  for (const set of crds) await plane.apply({ folder: plane.yaml(set) });
  for (const set of crds) await served(plane, plane.yaml(set));
  if (controller) await startController(plane);
}

async function startController(plane: ControlPlane): Promise<void> {
  await plane.want({ programs: ["kserve-controller"], yaml: ["kserve-webhooks"] });
  const [webhookPort, probePort] = [freePort(), freePort()];
  const temporary = join(plane.folder, "kserve");
  await writeServingCertificate(plane, temporary);
  await plane.apply([
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "kserve" } },
    configuration(),
  ]);
  await plane.run({
    name: "kserve-controller",
    program: plane.program("kserve-controller"),
    env: { POD_NAMESPACE: "kserve", TMPDIR: temporary },
    args: [
      `--kubeconfig=${await plane.kubeconfigForUser({ user: "kserve", groups: ["system:masters"] })}`,
      "--metrics-addr=0",
      `--health-probe-addr=127.0.0.1:${probePort}`,
      `--webhook-port=${webhookPort}`,
    ],
    ready: async () => {
      const answer = await fetch(`http://127.0.0.1:${probePort}/readyz`);
      await answer.body?.cancel();
      return answer.ok;
    },
  });
  await plane.apply(await webhooks(plane, webhookPort));
}

/** The settings that the controller reads: everything that would need an ingress or add resources is off. */
function configuration(): object {
  const image = (name: string) => ({
    image: `kserve/${name}:latest`,
    memoryRequest: "100Mi",
    memoryLimit: "1Gi",
    cpuRequest: "100m",
    cpuLimit: "1",
  });
  const sections = {
    deploy: { defaultDeploymentMode: "Standard" },
    ingress: {
      enableGatewayApi: false,
      ingressGateway: "none/none",
      ingressDomain: "example.com",
      ingressClassName: "none",
      domainTemplate: "{{ .Name }}-{{ .Namespace }}.{{ .IngressDomain }}",
      urlScheme: "http",
      disableIstioVirtualHost: true,
      disableIngressCreation: true,
    },
    inferenceService: { resource: {} },
    storageInitializer: image("storage-initializer"),
    logger: { ...image("agent"), defaultUrl: "http://default-broker" },
    batcher: image("agent"),
    agent: image("agent"),
    router: image("router"),
    credentials: {},
    metricsAggregator: { enableMetricAggregation: "false", enablePrometheusScraping: "false" },
    localModel: { enabled: false },
    security: { autoMountServiceAccountToken: true },
  };
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "inferenceservice-config", namespace: "kserve" },
    data: Object.fromEntries(Object.entries(sections).map(([name, value]) => [name, JSON.stringify(value)])),
  };
}

/** KServe's own webhook registrations, pointed at the process instead of a Service. */
async function webhooks(plane: ControlPlane, port: number): Promise<object[]> {
  const text = await Deno.readTextFile(join(plane.yaml("kserve-webhooks"), "manifests.yaml"));
  const caBundle = Buffer.from(plane.authority.certificate).toString("base64");
  return parseAllDocuments(text).map((document) => {
    const configuration = document.toJS();
    for (const webhook of configuration.webhooks) {
      const { path } = webhook.clientConfig.service;
      webhook.clientConfig = { url: `https://127.0.0.1:${port}${path}`, caBundle };
    }
    delete configuration.metadata.creationTimestamp;
    return configuration;
  });
}

async function writeServingCertificate(plane: ControlPlane, temporary: string): Promise<void> {
  const folder = join(temporary, "k8s-webhook-server", "serving-certs");
  await Deno.mkdir(folder, { recursive: true });
  const { certificate, key } = plane.authority.forServer(["127.0.0.1"]);
  await Deno.writeTextFile(join(folder, "tls.crt"), certificate);
  await Deno.writeTextFile(join(folder, "tls.key"), key, { mode: 0o600 });
}
