/** What all verbs share: the store, the kinds, the clock, and where new names and identities come from. */
import { type Clock, realClock, timestamp } from "./clock.ts";
import { Catalogue } from "./kinds/catalogue.ts";
import { type Kind, shelfOf } from "./kinds/kind.ts";
import type { Attempt } from "./outside.ts";
import { Authorizer } from "./rights/authorizer.ts";
import { Store, type StoredObject } from "./store/store.ts";
import type { Watch } from "./watch/watch.ts";

export interface ClusterOptions {
  readonly clock?: Clock;
  /** A number in [0, 1), for names and identities: seeded, they are the same each time. */
  readonly random?: () => number;
  /** What opens the doors of this server; made up unless given. */
  readonly token?: string;
  /** Whether users may do what roles allow them, and nothing else; unless asked for everybody may do everything. */
  readonly rbac?: boolean;
  /** How many changes of each resource are remembered at least. */
  readonly historyLength?: number;
  /**
   * Begins with what this one holds: its objects, their versions, and the kinds that it serves. They are shared, so it
   * costs next to nothing; from then on neither hears of the other.
   */
  readonly like?: Cluster;
}

const inHex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

export class Cluster {
  readonly store: Store;
  readonly kinds: Catalogue;
  /** What the containers of a pod have written, by its UID. */
  readonly logs = new Map<string, string>();
  /** The streams that are open, by resource. */
  readonly #watches = new Map<string, Set<Watch>>();
  readonly clock: Clock;
  readonly random: () => number;
  readonly token: string;
  /** Who may do what; undefined where everybody may do everything. */
  readonly authorizer: Authorizer | undefined;
  /** The request that is answered now, where it may have to wait for somebody outside. */
  attempt: Attempt | undefined;
  #addresses = 0;
  #nodePorts = 0;

  constructor(
    { clock = realClock, random = Math.random, token = crypto.randomUUID(), rbac, historyLength, like }:
      ClusterOptions = {},
  ) {
    this.clock = clock;
    this.random = random;
    this.token = token;
    this.store = new Store(historyLength, like?.store);
    this.kinds = new Catalogue(like?.kinds);
    this.authorizer = rbac ?? like?.authorizer !== undefined ? new Authorizer(this.store) : undefined;
    if (like === undefined) return;
    this.#addresses = like.#addresses;
    this.#nodePorts = like.#nodePorts;
    for (const [uid, log] of like.logs) this.logs.set(uid, log);
  }

  /** Keeps a stream until it ends. */
  opened(shelf: string, watch: Watch): void {
    const open = this.#watches.get(shelf) ?? new Set();
    this.#watches.set(shelf, open.add(watch));
    watch.atEnd(() => open.delete(watch));
  }

  /** Ends all streams of a resource: it is served no longer. */
  endWatches(shelf: string): void {
    for (const watch of [...this.#watches.get(shelf) ?? []]) watch.end();
  }

  /** The time as objects hold it. */
  now(): string {
    return this.#once("time", () => timestamp(this.clock.now()));
  }

  newUid(): string {
    return this.#once("identity", () => this.#uid());
  }

  #once<T>(what: string, make: () => T): T {
    return this.attempt === undefined ? make() : this.attempt.once(what, make);
  }

  #uid(): string {
    let text = "";
    for (let i = 0; i < 16; i++) {
      const byte = Math.floor(this.random() * 256);
      if (i === 4 || i === 6 || i === 8 || i === 10) text += "-";
      text += inHex[i === 6 ? byte & 0x0f | 0x40 : i === 8 ? byte & 0x3f | 0x80 : byte];
    }
    return text;
  }

  /** An address for a Service, of the range that the original gives by default. */
  newAddress(): string {
    const next = this.#once("address", () => ++this.#addresses);
    return `10.96.${next >> 8 & 255}.${next & 255}`;
  }

  /** A port of all nodes for a Service: the lower part of the range is for those who choose. */
  newNodePort(): number {
    return this.#once("port", () => 30086 + this.#nodePorts++ % 2682);
  }

  /** The five characters that end a generated name: no vowels, no digits that look like letters. */
  newSuffix(): string {
    const alphabet = "bcdfghjklmnpqrstvwxz2456789";
    const character = () => alphabet[Math.floor(this.random() * alphabet.length)];
    return this.#once("suffix", () => Array.from({ length: 5 }, character).join(""));
  }

  get(kind: Kind, namespace: string | undefined, name: string): StoredObject | undefined {
    return this.store.get(shelfOf(kind), kind.namespaced ? namespace : undefined, name);
  }

  list(kind: Kind, namespace?: string): StoredObject[] {
    return this.store.list(shelfOf(kind), kind.namespaced ? namespace : undefined);
  }
}
