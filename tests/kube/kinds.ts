/** Kinds that the tests of the Kubernetes client use, and the objects of them. */
import type { KubeObject, Live, Resource } from "../../lib/kube/object.ts";

export const configMaps: Resource = {
  group: "",
  version: "v1",
  kind: "ConfigMap",
  plural: "configmaps",
  namespaced: true,
};

export const namespaces: Resource = {
  group: "",
  version: "v1",
  kind: "Namespace",
  plural: "namespaces",
  namespaced: false,
};

export const events: Resource = {
  group: "",
  version: "v1",
  kind: "Event",
  plural: "events",
  namespaced: true,
};

/** A kind of the tests' own; `widgetDefinition` installs it. */
export const widgets: Resource = {
  group: "kube.test",
  version: "v1",
  kind: "Widget",
  plural: "widgets",
  namespaced: true,
};

export const widgetDefinition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "widgets.kube.test" },
  spec: {
    group: "kube.test",
    names: { kind: "Widget", plural: "widgets", singular: "widget", listKind: "WidgetList" },
    scope: "Namespaced",
    versions: [{
      name: "v1",
      served: true,
      storage: true,
      subresources: { status: {} },
      schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
    }],
  },
};

export interface ConfigMap extends KubeObject {
  data?: Record<string, string>;
}

export interface Widget extends KubeObject {
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
}

export interface CoreEvent extends KubeObject {
  reason?: string;
  message?: string;
  type?: string;
  count?: number;
  involvedObject?: { name?: string };
  source?: { component?: string };
}

/** A sink that remembers what it was told, by name. */
export class Mirror<T extends KubeObject> {
  readonly objects = new Map<string, Live<T>>();
  /** The calls, in order: `replaced 3`, `put a`, `removed a`, `uninstalled`. */
  readonly calls: string[] = [];

  replaced(items: Live<T>[]): void {
    this.calls.push(`replaced ${items.length}`);
    this.objects.clear();
    for (const item of items) this.objects.set(item.metadata.name, item);
  }

  put(object: Live<T>): void {
    this.calls.push(`put ${object.metadata.name}`);
    this.objects.set(object.metadata.name, object);
  }

  removed(object: Live<T>): void {
    this.calls.push(`removed ${object.metadata.name}`);
    this.objects.delete(object.metadata.name);
  }

  uninstalled(): void {
    this.calls.push("uninstalled");
    this.objects.clear();
  }

  count(call: string): number {
    return this.calls.filter((made) => made.startsWith(call)).length;
  }
}
