/** The objects that the controllers look at: a copy by name, and by the indexes that were asked for. */

import { keyOf, type KubeObject, type Live, type Resource } from "../kube/object.ts";
import type { Index, View } from "./controller.ts";

type Objects = Map<string, Live<KubeObject>>;

/** Filled by {@link put} and {@link remove}, with the kinds that are asked for; an index is built when it is first asked. */
export class ClusterView implements View {
  readonly #objects = new Map<string, Objects>();
  readonly #indexes = new Map<Index, Map<string, Objects>>();
  readonly #answers = new Map<Index, Map<string, readonly Live<KubeObject>[]>>();

  /** @param subscribe called once for each kind that is asked for: it has to fill the view */
  constructor(readonly now: () => Date, private readonly subscribe: (resource: Resource) => unknown) {}

  get<T extends KubeObject>(
    resource: Resource,
    namespace: string | undefined,
    name: string,
  ): Live<T> | undefined {
    return this.#of(resource).get(keyOf(namespace, name)) as Live<T> | undefined;
  }

  list<T extends KubeObject>(resource: Resource, namespace?: string): readonly Live<T>[] {
    const all = [...this.#of(resource).values()] as Live<T>[];
    return namespace === undefined ? all : all.filter(({ metadata }) => metadata.namespace === namespace);
  }

  by<T extends KubeObject>(index: Index, value: string): readonly Live<T>[] {
    const answers = this.#answersOf(index);
    let answer = answers.get(value);
    if (answer === undefined) {
      answer = [...this.#indexes.get(index)!.get(value)?.values() ?? []];
      answers.set(value, answer);
    }
    return answer as readonly Live<T>[];
  }

  /** Gives what was there before. */
  put(resource: Resource, object: Live<KubeObject>): Live<KubeObject> | undefined {
    const key = keyOf(object.metadata.namespace, object.metadata.name);
    const objects = this.#of(resource);
    const before = objects.get(key);
    this.#refile(resource, key, before, object);
    objects.set(key, object);
    return before;
  }

  /** Gives what was there before. */
  remove(resource: Resource, object: Live<KubeObject>): Live<KubeObject> | undefined {
    const key = keyOf(object.metadata.namespace, object.metadata.name);
    const objects = this.#of(resource);
    const before = objects.get(key);
    this.#refile(resource, key, before, undefined);
    objects.delete(key);
    return before;
  }

  #of(resource: Resource): Objects {
    const id = resourceId(resource);
    let objects = this.#objects.get(id);
    if (objects !== undefined) return objects;
    objects = new Map();
    this.#objects.set(id, objects);
    this.subscribe(resource);
    return objects;
  }

  #answersOf(index: Index): Map<string, readonly Live<KubeObject>[]> {
    const known = this.#answers.get(index);
    if (known !== undefined) return known;
    this.#indexes.set(index, new Map());
    const answers = new Map<string, readonly Live<KubeObject>[]>();
    this.#answers.set(index, answers);
    for (const [key, object] of this.#of(index.resource)) {
      for (const value of index.valuesOf(object)) this.#file(index, value, key, object);
    }
    return answers;
  }

  /** Moves an object in all indexes of its kind from its old values to its new ones. */
  #refile(
    resource: Resource,
    key: string,
    before: Live<KubeObject> | undefined,
    now: Live<KubeObject> | undefined,
  ) {
    const id = resourceId(resource);
    for (const index of this.#indexes.keys()) {
      if (resourceId(index.resource) !== id) continue;
      for (const value of before === undefined ? [] : index.valuesOf(before)) this.#unfile(index, value, key);
      for (const value of now === undefined ? [] : index.valuesOf(now)) this.#file(index, value, key, now!);
    }
  }

  #file(index: Index, value: string, key: string, object: Live<KubeObject>): void {
    const values = this.#indexes.get(index)!;
    let objects = values.get(value);
    if (objects === undefined) values.set(value, objects = new Map());
    objects.set(key, object);
    this.#answers.get(index)!.delete(value);
  }

  #unfile(index: Index, value: string, key: string): void {
    const values = this.#indexes.get(index)!;
    const objects = values.get(value);
    objects?.delete(key);
    if (objects?.size === 0) values.delete(value);
    this.#answers.get(index)!.delete(value);
  }
}

const ids = new WeakMap<Resource, string>();

/** Tells kinds apart. */
export function resourceId(resource: Resource): string {
  let id = ids.get(resource);
  if (id === undefined) ids.set(resource, id = `${resource.plural}.${resource.group}`);
  return id;
}
