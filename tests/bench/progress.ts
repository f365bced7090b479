/**
 * How far the run is, by watching: asking for lists again and again would cost the API server more than the
 * operator does.
 */

import { Discovery } from "../../lib/kube/discovery.ts";
import { Informer } from "../../lib/kube/watch/informer.ts";
import type { KubeObject, Live, Resource } from "../../lib/kube/object.ts";
import type { Transport } from "../../lib/kube/transport.ts";
import { until } from "../control_plane/until.ts";

const services: Resource = {
  group: "aim.eai.amd.com",
  version: "v1alpha1",
  kind: "AIMService",
  plural: "aimservices",
  namespaced: true,
};
const inferenceServices: Resource = {
  group: "serving.kserve.io",
  version: "v1beta1",
  kind: "InferenceService",
  plural: "inferenceservices",
  namespaced: true,
};

type Watched = KubeObject & { status?: { status?: string } };

/** Calls `seen` with every object of a kind as it comes and changes. */
export function observe(
  transport: Transport,
  resource: Resource,
  seen: (object: Live<Watched>) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Informer<Watched>({
    transport,
    discovery: new Discovery(transport),
    resource,
    sink: { put: seen, replaced: (items) => items.forEach(seen), removed: () => {}, uninstalled: () => {} },
  }).run(signal);
}

/** Counts InferenceServices, and services by the word of their status. */
export class Progress {
  readonly #inferenceServices = new Set<string>();
  readonly #words = new Map<string, string>();

  /** @param onInferenceService is told of each as it comes and changes */
  constructor(
    transport: Transport,
    signal: AbortSignal,
    onInferenceService: (object: Live<KubeObject>) => void,
  ) {
    observe(transport, inferenceServices, (object) => {
      this.#inferenceServices.add(object.metadata.uid);
      onInferenceService(object);
    }, signal);
    observe(transport, services, ({ metadata, status }) => {
      this.#words.set(metadata.uid, status?.status ?? "");
    }, signal);
  }

  /** Resolves to the moment (milliseconds since 1970) when so many InferenceServices exist. */
  async inferenceServices(count: number): Promise<number> {
    await until(`${count} InferenceServices`, () => this.#inferenceServices.size >= count, patience);
    return Date.now();
  }

  /** Resolves to the moment when so many services have that status. */
  async services(count: number, word: string): Promise<number> {
    const have = () => [...this.#words.values()].filter((each) => each === word).length;
    await until(`${count} services ${word}`, () => have() >= count, patience);
    return Date.now();
  }
}

const patience = { seconds: 600, everyMilliseconds: 100 };
