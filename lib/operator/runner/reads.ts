/**
 * The record of who read what, both ways: from a reader to its reads, and from a read back to its readers.
 * Reads are interned to small integers; at 5,000 keys × 25 reads that halves the memory of text keys.
 */

/** A computation with recorded reads: a key's reconcile, or a shared query. */
export interface Reader {
  /** Interned reads of the last pass, without duplicates. Written by {@link Reads} only. */
  reads: Uint32Array;
  /** After passes that threw: those of the last one that did not. */
  settled?: Uint32Array;
}

export const noReads = new Uint32Array(0);

export class Reads<R extends Reader> {
  readonly #ids = new Map<string, number>();
  readonly #names: (string | undefined)[] = [];
  /** Most reads have one reader, and a set for each would take more than all else here. */
  readonly #readers: (R | Set<R> | undefined)[] = [];
  readonly #free: number[] = [];

  /** @param onUnread hears of each read that lost its last reader (a query or fact that may go). */
  constructor(private readonly onUnread: (read: string) => void = () => {}) {}

  /**
   * Records a pass: the reader's reads are from now on these. Of a pass that threw they are these and those of the last
   * pass that did not, so that they do not grow however often it throws.
   */
  replace(reader: R, reads: ReadonlySet<string>, threw = false): void {
    const old = reader.reads;
    if (!threw && reader.settled === undefined && this.#areThese(old, reads)) return;
    reader.settled = threw ? reader.settled ?? old : undefined;
    const next = new Set<number>(reader.settled);
    for (const name of reads) next.add(this.#intern(name));
    reader.reads = Uint32Array.from(next);
    for (const id of next) this.#enter(id, reader);
    for (const id of old) if (!next.has(id)) this.#leave(id, reader);
  }

  /** Whether a pass has read what the last one read, in the same order: most have. */
  #areThese(ids: Uint32Array, reads: ReadonlySet<string>): boolean {
    if (ids.length !== reads.size) return false;
    let at = 0;
    for (const name of reads) if (this.#names[ids[at++]] !== name) return false;
    return true;
  }

  /** Forgets a reader. */
  drop(reader: R): void {
    const old = reader.reads;
    reader.reads = noReads;
    reader.settled = undefined;
    for (const id of old) this.#leave(id, reader);
  }

  /** Who read this in their last pass. */
  readersOf(read: string): Iterable<R> {
    const id = this.#ids.get(read);
    const readers = id === undefined ? undefined : this.#readers[id];
    return readers === undefined ? [] : readers instanceof Set ? readers : [readers];
  }

  /** The text of a reader's reads; for explanations and tests. */
  namesOf(reader: R): string[] {
    return [...reader.reads].map((id) => this.#names[id]!);
  }

  /** How many reads are known at all; a leak shows here. */
  get size(): number {
    return this.#ids.size;
  }

  #intern(read: string): number {
    let id = this.#ids.get(read);
    if (id === undefined) {
      id = this.#free.pop() ?? this.#names.length;
      this.#ids.set(read, id);
      this.#names[id] = read;
    }
    return id;
  }

  #enter(id: number, reader: R): void {
    const readers = this.#readers[id];
    if (readers === undefined) this.#readers[id] = reader;
    else if (readers instanceof Set) readers.add(reader);
    else if (readers !== reader) this.#readers[id] = new Set([readers, reader]);
  }

  #leave(id: number, reader: R): void {
    const readers = this.#readers[id];
    if (readers instanceof Set ? !readers.delete(reader) || readers.size > 0 : readers !== reader) return;
    const name = this.#names[id]!;
    this.#readers[id] = undefined;
    this.#ids.delete(name);
    this.#names[id] = undefined;
    this.#free.push(id);
    this.onUnread(name);
  }
}

const states: string[] = [];

/** Names of reads. The kinds and indexes are numbered; the rest is the question itself. */
export const read = {
  object: (kind: number, key: string): string => `o${kind}|${key}`,
  index: (index: number, value: string): string => `i${index}|${value}`,
  any: (index: number, value: string): string => `a${index}|${value}`,
  // One text for each kind: a pass asks for it at every look.
  state: (kind: number): string => states[kind] ??= `s${kind}`,
  query: (query: number, arg: string): string => `q${query}|${arg}`,
  fact: (name: string, key: string): string => `f${name}|${key}`,
};
