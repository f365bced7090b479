/**
 * What a small controller is that plays a neighbour of the operator: a Deployment controller, a scheduler, KServe. Each is a
 * pure function from an object, and a view of the others, to writes. Who runs it (`run.ts`) decides what time it
 * is and carries the writes out.
 */

import { timestamp } from "../apiserver/clock.ts";
import {
  apiVersionOf,
  type KubeObject,
  type Live,
  type OwnerReference,
  type Resource,
} from "../kube/object.ts";

/** What a controller may look at: the cluster as it is at this moment. */
export interface View {
  get<T extends KubeObject>(
    resource: Resource,
    namespace: string | undefined,
    name: string,
  ): Live<T> | undefined;
  /** All of a kind, or those of a namespace; in no certain order. */
  list<T extends KubeObject>(resource: Resource, namespace?: string): readonly Live<T>[];
  /** Those that an index files under this value; the same array as long as none of them changes. */
  by<T extends KubeObject>(index: Index, value: string): readonly Live<T>[];
  now(): Date;
}

/** A way to find objects of a kind. */
export interface Index {
  readonly resource: Resource;
  valuesOf(object: Live<KubeObject>): readonly string[];
}

/** What a controller wants done. Writes are carried out in their order, up to the first that is refused. */
export type Write =
  | {
    readonly create: KubeObject;
    readonly resource: Resource;
    /** What follows once it is there, with the name that the API server gave it. */
    readonly created?: (object: Live<KubeObject>) => Write[];
    /** What follows when the API server refuses it. */
    readonly refused?: (message: string) => Write[];
  }
  /** Replaces all but the status. */
  | { readonly update: Live<KubeObject>; readonly resource: Resource }
  /** Replaces the status. */
  | { readonly updateStatus: Live<KubeObject>; readonly resource: Resource }
  | { readonly delete: Live<KubeObject>; readonly resource: Resource; readonly gracePeriodSeconds?: number }
  /** Gives a pod its node. */
  | { readonly bind: Live<KubeObject>; readonly node: string }
  /** What the containers of a pod have written: from now on its log. */
  | { readonly log: string; readonly of: Live<KubeObject> }
  | { readonly event: EventText; readonly about: Live<KubeObject>; readonly resource: Resource }
  /** Runs the controller for the same object again after that many milliseconds. */
  | { readonly requeueAfter: number };

export interface EventText {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

/** The key of an object: its name, and its namespace unless the kind has none. */
export interface Key {
  readonly namespace?: string;
  readonly name: string;
}

/** The keys of objects. */
export function keysOf(objects: readonly Live<KubeObject>[]): Key[] {
  return objects.map(({ metadata: { namespace, name } }) => ({ namespace, name }));
}

/** Objects of another kind whose changes run a controller again, and for which of its own objects. */
export interface Watch {
  /** Unless given, every kind that anybody has looked at. */
  readonly resource?: Resource;
  keysOf(object: Live<KubeObject>, view: View): readonly Key[];
}

export interface Controller<T extends KubeObject = KubeObject> {
  /** The field manager of its writes, and the source of its events. */
  readonly name: string;
  readonly resource: Resource;
  readonly watches?: readonly Watch[];
  reconcile(object: Live<T>, view: View): readonly Write[];
  /** Told of an object of its kind that is gone, for what is remembered of it. */
  gone?(object: Live<T>): void;
}

/** The reference that makes `owner` the controller of what carries it. */
export function controllerReference(
  owner: Live<KubeObject>,
  resource: Resource,
): OwnerReference {
  return {
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** Objects of a kind by the UID of their controller. */
export function byController(resource: Resource): Index {
  return {
    resource,
    valuesOf: ({ metadata }) =>
      (metadata.ownerReferences ?? []).filter((owner) => owner.controller).map(({ uid }) => uid),
  };
}

/** Runs the controller of `kind` when what it controls changes. */
export function controlled(resource: Resource, kind: string): Watch {
  return {
    resource,
    keysOf: ({ metadata }) =>
      (metadata.ownerReferences ?? [])
        .filter((owner) => owner.controller && owner.kind === kind)
        .map(({ name }) => ({ namespace: metadata.namespace, name })),
  };
}

/** A condition that keeps its transition time as long as its status stays. */
export function condition<C extends { type: string; status: string; lastTransitionTime?: string }>(
  before: readonly C[] | undefined,
  now: Date,
  next: Omit<C, "lastTransitionTime">,
): C {
  const old = before?.find(({ type }) => type === next.type);
  const lastTransitionTime = old?.status === next.status ? old.lastTransitionTime : seconds(now);
  return { ...next, lastTransitionTime } as C;
}

/** A moment as Kubernetes writes it, in whole seconds. */
export function seconds(moment: Date): string {
  return timestamp(moment.getTime());
}
