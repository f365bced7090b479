import type { KubeObject, Live } from "../object.ts";

/**
 * Where an informer puts what it sees. The cache's store is what all of it comes to.
 *
 * Guarantees of the informer towards a sink: calls come in the order of the stream; `replaced` carries a
 * whole, consistent list (all pages of one snapshot); objects may be handed over twice, and after a gap a
 * deletion may be known only by an object's absence from the next `replaced`.
 */
export interface Sink<T extends KubeObject> {
  /** A complete list of what the selector matches, read at `resourceVersion`. */
  replaced(items: Live<T>[], resourceVersion: string): void;
  /** An object was added or changed. */
  put(object: Live<T>): void;
  /** An object was deleted, or no longer matches the selector; `object` is its last state. */
  removed(object: Live<T>): void;
  /**
   * Whether a change to an object of that version is held already, as the answer of an own write; then it counts as put.
   * True once for each write. Without it everything is put.
   */
  holds?(resourceVersion: string): boolean;
  /** The API server does not serve this kind (404 on the list, or gone from discovery). */
  uninstalled(): void;
}
