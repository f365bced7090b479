/** What of the operator can be switched off, so that the rights for it are needless. */

/** By its name on the command line: what it takes away when it is off. */
export const features = {
  kserve: "KServe is not installed",
  gateway: "the Gateway API is not installed",
  "model-sources": "nobody makes an AIMClusterModelSource",
  secrets: "no model, source or download names a Secret",
  "downloader-accounts":
    "manifests/watched-namespace/downloader.yaml is applied to each namespace with models, so the operator binds nothing",
  metrics: "--metrics-bind-address=0, or --metrics-secure=false: nobody is asked who reads metrics",
  "leader-election": "without --leader-elect: there is one process, and no Lease",
  nodes: "with --namespace only: GPUs are unknown, and pass",
  "storage-classes": "with --namespace only: no claim is made larger",
  "cluster-kinds": "with --namespace only: models, templates and defaults of the cluster are out of reach",
} as const satisfies Readonly<Record<string, string>>;

export type Feature = keyof typeof features;

/** Of an operator of the whole cluster these cannot be switched off: it does not start without them. */
export const scopedFeatures: readonly Feature[] = ["nodes", "storage-classes", "cluster-kinds"];

export function isFeature(word: string): word is Feature {
  return Object.hasOwn(features, word);
}
