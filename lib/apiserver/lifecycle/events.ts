/** Events are forgotten an hour after they were written last. */
import type { Cluster } from "../cluster.ts";
import type { Change } from "../store/store.ts";

/** In milliseconds; the original's default. */
const kept = 3_600_000;

interface Written {
  readonly at: number;
  readonly namespace?: string;
  readonly name: string;
  readonly resourceVersion: string;
}

export class EventExpiry {
  /** In the order of their writes, and so of their ends. What was written again stands there twice, the first time for nothing. */
  readonly #written: Written[] = [];

  constructor(private readonly cluster: Cluster) {}

  learn({ type, object: { metadata: { namespace, name, resourceVersion } } }: Change): void {
    if (type === "DELETED") return;
    const at = this.cluster.clock.now();
    if (this.#written.push({ at, namespace, name, resourceVersion }) === 1) this.#wait();
  }

  #wait(): void {
    const [first] = this.#written;
    if (first === undefined) return;
    this.cluster.clock.after(first.at + kept - this.cluster.clock.now(), () => this.#forget());
  }

  #forget(): void {
    const { clock, store } = this.cluster;
    const left = this.#written.findIndex(({ at }) => at + kept > clock.now());
    const over = this.#written.splice(0, left < 0 ? this.#written.length : left);
    for (const { namespace, name, resourceVersion } of over) {
      const event = store.get("events", namespace, name);
      if (event?.metadata.resourceVersion === resourceVersion) store.remove("events", event);
    }
    this.#wait();
  }
}
