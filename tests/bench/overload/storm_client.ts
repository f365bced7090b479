/** Changes the status of every predictor pod in turn, so many times a second. Prints what came of it. */

import type { KubeObject, Live } from "../../../lib/kube/object.ts";
import { bareClient, inParallel, patch } from "../bare_client.ts";

export interface StormTask {
  readonly kubeconfig: string;
  readonly rate: number;
  readonly seconds: number;
}

export interface Storm {
  readonly sent: number;
  readonly refused: number;
  readonly seconds: number;
  /** Pods that are not ready at the end, as `namespace/name`: one in ten. */
  readonly unready: readonly string[];
}

const { kubeconfig, rate, seconds } = JSON.parse(Deno.args[0]) as StormTask;
const client = await bareClient(kubeconfig);
const { items: pods } = await client.performRequest({
  method: "GET",
  path: "/api/v1/pods",
  querystring: new URLSearchParams({ labelSelector: "serving.kserve.io/inferenceservice" }),
  expectJson: true,
}) as { items: Live<KubeObject>[] };

const changed = new Map<string, number>();
let refused = 0;
const began = performance.now();
// In whole rounds: one after the other waits for its moment, and for the last change of its pod.
const total = Math.ceil(rate * seconds / pods.length) * pods.length;
await inParallel(Array.from({ length: total }, (_, n) => n), async (n) => {
  const early = n / rate * 1_000 - (performance.now() - began);
  if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
  await change(pods[n % pods.length], Math.floor(n / pods.length) % 2 === 1);
});
const took = (performance.now() - began) / 1_000;
const isLeft = (_: unknown, n: number) => n % 10 === 0;
await inParallel(
  pods.map((pod, n) => ({ pod, ready: !isLeft(pod, n) })),
  ({ pod, ready }) => change(pod, ready),
);
const unready = pods.filter(isLeft).map(({ metadata: { namespace, name } }) => `${namespace}/${name}`);
console.log(JSON.stringify({ sent: total, refused, seconds: took, unready } satisfies Storm));
client.renew?.(Infinity);
Deno.exit(0);

async function change({ metadata: { namespace, name } }: Live<KubeObject>, ready: boolean): Promise<void> {
  const restartCount = (changed.get(name) ?? 0) + 1;
  changed.set(name, restartCount);
  const status = {
    conditions: [{
      type: "Ready",
      status: ready ? "True" : "False",
      lastTransitionTime: new Date().toISOString(),
    }],
    containerStatuses: [{
      name: "kserve-container",
      ready,
      restartCount,
      image: "registry.example.com/bench/model:1.0",
      imageID: "",
      state: { running: { startedAt: new Date().toISOString() } },
    }],
  };
  try {
    await patch(client, `/api/v1/namespaces/${namespace}/pods/${name}/status`, { status });
  } catch (error) {
    refused++;
    console.error(`  ${name}: ${error}`);
  }
}
