/** Where the objects of a kind are on an API server, by a name of the kind as kubectl takes it. */

import type { Cluster } from "../control_plane/cluster.ts";

interface Resource {
  readonly name: string;
  readonly singularName: string;
  readonly shortNames?: readonly string[];
  readonly namespaced: boolean;
}

type PathOf = (namespace: string) => string;

export class ResourcePaths {
  readonly #known = new Map<string, PathOf>();

  constructor(private readonly cluster: Cluster) {}

  /** @param kind plural, singular or short name, such as `aimsvc` */
  async pathOf(kind: string, namespace: string): Promise<string> {
    if (!this.#known.has(kind)) await this.#discover();
    const path = this.#known.get(kind);
    if (path === undefined) throw new Error(`the server doesn't have a resource type "${kind}"`);
    return path(namespace);
  }

  async #discover(): Promise<void> {
    const { groups } = await this.cluster.request("GET", "/apis");
    await this.#read("/api/v1");
    for (const { preferredVersion: { groupVersion } } of groups) await this.#read(`/apis/${groupVersion}`);
  }

  /** What was read first wins, as with kubectl. */
  async #read(root: string): Promise<void> {
    const { resources } = await this.cluster.request("GET", root) as { resources: Resource[] };
    for (const { name, singularName, shortNames = [], namespaced } of resources) {
      if (name.includes("/")) continue;
      const path: PathOf = (namespace) =>
        namespaced ? `${root}/namespaces/${namespace}/${name}` : `${root}/${name}`;
      for (const each of [name, singularName, ...shortNames]) {
        if (!this.#known.has(each)) this.#known.set(each, path);
      }
    }
  }
}
