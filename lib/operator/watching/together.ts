/** Several streams that enter the cache as one. */

import type { KubeObject } from "../../kube/object.ts";
import type { Sink } from "../../kube/cache/sink.ts";

/**
 * Holds back what informers tell until each of them has told all that there is; then everything is handed on at once. So
 * no pass sees the services of a namespace without its templates. Afterwards each goes on by itself.
 */
export class Together {
  #missing = 0;
  readonly #held: (() => void)[] = [];

  /** The place of one more informer. All are to be made before the first of them runs. */
  sink<T extends KubeObject>(inner: Sink<T>): Sink<T> {
    this.#missing++;
    let complete = false;
    const whole = (hand: () => void) => {
      this.#tell(hand);
      if (complete) return;
      complete = true;
      if (--this.#missing === 0) { for (const each of this.#held.splice(0)) each(); }
    };
    return {
      replaced: (items, resourceVersion) => whole(() => inner.replaced(items, resourceVersion)),
      uninstalled: () => whole(() => inner.uninstalled()),
      put: (object) => this.#tell(() => inner.put(object)),
      removed: (object) => this.#tell(() => inner.removed(object)),
    };
  }

  #tell(hand: () => void): void {
    if (this.#missing === 0) hand();
    else this.#held.push(hand);
  }
}
