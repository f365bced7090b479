/** The applier's writes on a real API server. */

import type { CachedKind } from "../../kube/cache/cached_kind.ts";
import { isStatus } from "../../kube/errors.ts";
import { list } from "../../kube/watch/list.ts";
import type { KubeObject, Live, Resource } from "../../kube/object.ts";
import type { Transport } from "../../kube/transport.ts";
import * as write from "../../kube/write.ts";
import { requestTimeout, type Writer } from "./writer.ts";

const timeout = { timeoutMilliseconds: requestTimeout };

export class KubeWriter implements Writer {
  readonly #managers: ReadonlyMap<Resource, readonly string[]>;

  /** @param kinds what is cached: of the answers to writes that much is kept */
  constructor(private readonly transport: Transport, kinds: readonly CachedKind<KubeObject>[]) {
    this.#managers = new Map(kinds.map(({ resource, managers }) => [resource, managers]));
  }

  apply(resource: Resource, desired: KubeObject, manager: string): Promise<Live<KubeObject>> {
    return write.apply(this.transport, resource, desired, {
      ...this.#options(resource, manager),
      force: true,
    });
  }

  create(resource: Resource, object: KubeObject, manager: string): Promise<Live<KubeObject>> {
    return write.create(this.transport, resource, object, this.#options(resource, manager));
  }

  patch(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    patch: unknown,
    { manager, subresource }: { manager: string; subresource?: "status" },
  ): Promise<Live<KubeObject>> {
    const options = { ...this.#options(resource, manager), subresource };
    return write.mergePatch(this.transport, resource, { namespace, name }, patch, options);
  }

  async delete(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    preconditions: { uid: string; resourceVersion: string },
  ): Promise<void> {
    await write.remove(this.transport, resource, { namespace, name }, { ...timeout, preconditions });
  }

  async get(
    resource: Resource,
    namespace: string | undefined,
    name: string,
  ): Promise<Live<KubeObject> | undefined> {
    try {
      return await write.get(this.transport, resource, { namespace, name }, timeout);
    } catch (error) {
      if (isStatus(error, 404)) return undefined;
      throw error;
    }
  }

  async list(resource: Resource, namespace: string | undefined): Promise<Live<KubeObject>[]> {
    return (await list<KubeObject>(this.transport, resource, { namespace })).items;
  }

  #options(resource: Resource, fieldManager: string) {
    return { ...timeout, fieldManager, managers: this.#managers.get(resource) };
  }
}
