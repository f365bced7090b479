/** An operator at work on a cluster in memory, and a Prometheus that scrapes it. */

import { aimLabels, deployment } from "../catalogue/aim_image.ts";
import { freePort } from "../control_plane/processes/ports.ts";
import { clusterModel, clusterRuntimeConfig, clusterTemplate, model, service } from "../e2e/catalogue.ts";
import { startEmbeddedGpuCluster } from "../embedded/gpu_cluster.ts";
import type { EmbeddedCluster } from "../embedded/embedded_cluster.ts";
import { installManifests } from "../embedded/installation.ts";
import type { Behaviour, BoundPod } from "../../lib/surroundings/kubelet/behaviour.ts";
import { discoveryImages, type DryRun, profileOf } from "../node_agent/discovery_images.ts";
import { startOperator } from "../operator_process.ts";
import { serveRegistry } from "../registry/served_registry.ts";
import { type Prometheus, startPrometheus } from "./prometheus.ts";

const aim = "/apis/aim.eai.amd.com/v1alpha1";
/** How long a download takes, in milliseconds, and what it fetches. */
const download = { milliseconds: 10_000, bytes: 16 * 1024 ** 3 };

export interface WatchedRun {
  readonly prometheus: Prometheus;
  /** When the first users came, in seconds since 1970. */
  readonly start: number;
}

/**
 * Users come and go for so many seconds: services by name and by image, of which some name a model that is not there. Then
 * `judge` asks the Prometheus, before all of it ends.
 */
export async function watchedRun<T>(seconds: number, judge: (run: WatchedRun) => Promise<T>): Promise<T> {
  const dryRuns = new Map<string, DryRun>();
  await using registry = serveRegistry();
  await using cluster = await startEmbeddedGpuCluster({ behaviourOf: (pod) => behaviourOf(pod, dryRuns) });
  await installManifests(cluster);
  const port = freePort();
  const prometheus = await startPrometheus(cluster, port);
  await startOperator(cluster, {
    args: ["--leader-elect", `--metrics-bind-address=127.0.0.1:${port}`, "--metrics-secure=false"],
  });
  const start = Date.now() / 1000;
  await cluster.apply([
    clusterModel("qwen"),
    clusterTemplate("qwen-latency", "qwen"),
    clusterRuntimeConfig("default", { env: [{ name: "VLLM_LOGGING_LEVEL", value: "INFO" }] }),
  ]);
  for (let second = 0; second < seconds; second++) {
    const namespace = `team-${Math.floor(second / 20)}`;
    if (second % 20 === 0) {
      await cluster.apply([{ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }]);
      const { image } = await registry.push(
        `aim/model-${second}:1.0`,
        aimLabels(`example/model-${second}`, [
          deployment("latency", "fp16"),
          deployment("throughput", "fp8"),
        ]),
      );
      dryRuns.set(image, (environment) => ({
        does: "run",
        milliseconds: 3_000,
        log: profileOf(environment, `example/model-${second}`, 16),
      }));
      await cluster.apply([model("by-image", namespace, { image, imageMetadata: undefined })]);
    }
    await cluster.apply([service(`chat-${second}`, namespace, {
      model: { name: second % 5 === 4 ? "nowhere" : second % 5 === 3 ? "by-image" : "qwen" },
      replicas: 1,
    })]);
    if (second >= 16) await remove(cluster, second - 16);
    await playDownloads(cluster);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  return await judge({ prometheus, start });
}

async function remove(cluster: EmbeddedCluster, second: number): Promise<void> {
  const namespace = `team-${Math.floor(second / 20)}`;
  await cluster.request("DELETE", `${aim}/namespaces/${namespace}/aimservices/chat-${second}`);
}

function behaviourOf(pod: BoundPod, dryRuns: ReadonlyMap<string, DryRun>): Behaviour | undefined {
  const discovery = discoveryImages(dryRuns)(pod);
  const ofJob = pod.metadata?.ownerReferences?.some(({ kind }) => kind === "Job");
  return discovery ?? (ofJob ? { does: "run", milliseconds: download.milliseconds } : undefined);
}

/** Writes the progress that a downloader would have written in this second. */
async function playDownloads(cluster: EmbeddedCluster): Promise<void> {
  for (const { metadata, status } of (await cluster.request("GET", `${aim}/aimartifacts`)).items) {
    if (status?.status !== "Progressing") continue;
    const before = Number(status.progress?.downloadedBytes ?? 0);
    const downloadedBytes = Math.min(
      download.bytes,
      before + Math.round(download.bytes * 1_000 / download.milliseconds),
    );
    await cluster.request(
      "PATCH",
      `${aim}/namespaces/${metadata.namespace}/aimartifacts/${metadata.name}/status`,
      { status: { progress: { totalBytes: download.bytes, downloadedBytes } } },
      "application/merge-patch+json",
    );
  }
}
