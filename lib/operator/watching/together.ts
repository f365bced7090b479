/** Several streams that enter the cache as one. */

import { compareVersions, keyOf, type KubeObject, type Live } from "../../kube/object.ts";
import type { Sink } from "../../kube/cache/sink.ts";

/**
 * Holds back what informers tell until each of them has told all that there is; then everything is handed on at once. So
 * no pass sees the services of a namespace without its templates. Afterwards each goes on by itself.
 *
 * What is held are the objects that there are now, however long it takes and however much happens meanwhile.
 */
export class Together {
  readonly #members: Member<KubeObject>[] = [];

  /** The place of one more informer. All are to be made before the first of them runs. */
  sink<T extends KubeObject>(inner: Sink<T>): Sink<T> {
    const member = new Member<T>(inner, () => this.#handOn());
    this.#members.push(member as unknown as Member<KubeObject>);
    return member;
  }

  #handOn(): void {
    if (!this.#members.every(({ isComplete }) => isComplete)) return;
    for (const each of this.#members) each.handOn();
  }
}

/** What one informer has told, until it is handed on. */
class Member<T extends KubeObject> implements Sink<T> {
  #told: { readonly objects: Map<string, Live<T>>; version: string } | "nothing" | "uninstalled" = "nothing";
  #isOpen = false;

  constructor(private readonly inner: Sink<T>, private readonly onComplete: () => void) {}

  get isComplete(): boolean {
    return this.#told !== "nothing";
  }

  handOn(): void {
    this.#isOpen = true;
    const told = this.#told;
    this.#told = "nothing";
    if (told === "uninstalled") this.inner.uninstalled();
    else if (told !== "nothing") this.inner.replaced([...told.objects.values()], told.version);
  }

  replaced(items: Live<T>[], version: string): void {
    if (this.#isOpen) return this.inner.replaced(items, version);
    this.#told = { objects: new Map(items.map((item) => [keyOfObject(item), item])), version };
    this.onComplete();
  }

  uninstalled(): void {
    if (this.#isOpen) return this.inner.uninstalled();
    this.#told = "uninstalled";
    this.onComplete();
  }

  /** What is kept back until all have their lists is not held. */
  holds(version: string): boolean {
    return this.#isOpen && (this.inner.holds?.(version) ?? false);
  }

  put(object: Live<T>): void {
    if (this.#isOpen) this.inner.put(object);
    else this.#changed(object, (objects) => objects.set(keyOfObject(object), object));
  }

  removed(object: Live<T>): void {
    if (this.#isOpen) this.inner.removed(object);
    else this.#changed(object, (objects) => objects.delete(keyOfObject(object)));
  }

  /** A list and what came after it are the list as of the last of its events. */
  #changed({ metadata }: Live<T>, change: (objects: Map<string, Live<T>>) => void): void {
    // An informer tells no change before its first list.
    if (typeof this.#told === "string") return;
    change(this.#told.objects);
    if (compareVersions(metadata.resourceVersion, this.#told.version) > 0) {
      this.#told.version = metadata.resourceVersion;
    }
  }
}

function keyOfObject({ metadata }: Live<KubeObject>): string {
  return keyOf(metadata.namespace, metadata.name);
}
