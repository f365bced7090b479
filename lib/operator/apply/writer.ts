/** The writes of the applier, and the two reads that it makes before an irreversible one. */

import type { KubeObject, Live, Resource } from "../../kube/object.ts";

/**
 * Every call throws `ApiError` or `NetworkError` of `lib/kube`. All but `list` return the object as the
 * server holds it after the call.
 */
export interface Writer {
  /** Server-side apply with force. `metadata.uid` and a version in the body are preconditions. */
  apply(resource: Resource, desired: KubeObject, manager: string): Promise<Live<KubeObject>>;
  /** Creates; throws 409 `AlreadyExists` if the name is taken. */
  create(resource: Resource, object: KubeObject, manager: string): Promise<Live<KubeObject>>;
  /** Merge patch of the object, or of its status subresource. */
  patch(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    patch: unknown,
    options: { manager: string; subresource?: "status" },
  ): Promise<Live<KubeObject>>;
  delete(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    preconditions: { uid: string; resourceVersion: string },
  ): Promise<void>;
  /** The object as it is now, past every cache; undefined if there is none. */
  get(
    resource: Resource,
    namespace: string | undefined,
    name: string,
  ): Promise<Live<KubeObject> | undefined>;
  list(resource: Resource, namespace: string | undefined): Promise<Live<KubeObject>[]>;
}

/** How long one request may take, in milliseconds; leadership must last longer than that. */
export const requestTimeout = 8_000;

/** Whether this process may write now: it leads, and its lease outlasts a request. */
export interface WriteGate {
  mayWrite(): boolean;
}
