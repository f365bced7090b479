/**
 * The definitions of others' kinds that a cluster in memory serves: KServe's InferenceService (Apache-2.0, the KServe
 * authors) and Gateway API's GatewayClass, Gateway and HTTPRoute (Apache-2.0, the Kubernetes authors), as those projects ship them.
 * `deno task crds:neighbours` writes the files.
 */

import { gunzipSync } from "node:zlib";
import type { KubeObject } from "../../kube/object.ts";

/** Where each definition lies here, and the file of its project. */
export const neighbours: readonly { readonly file: URL; readonly source: string }[] = [
  "serving.kserve.io_inferenceservices",
  "gateway.networking.k8s.io_gatewayclasses",
  "gateway.networking.k8s.io_gateways",
  "gateway.networking.k8s.io_httproutes",
].map((name) => ({ file: new URL(`${name}.json.gz`, import.meta.url), source: `${name}.yaml` }));

export interface Definition extends KubeObject {
  readonly spec: { readonly group: string };
}

/** The definitions, as CustomResourceDefinition objects. */
export function neighbourDefinitions(): Promise<Definition[]> {
  return Promise.all(
    neighbours.map(async ({ file }) => JSON.parse(gunzipSync(await Deno.readFile(file)).toString())),
  );
}
