/** A bound on what is held in memory between the network and the disk. */

/** Bytes of one request. Larger ones would cost more after a kill, smaller ones a round trip each too often. */
export const rangeBytes = 4 * 2 ** 20;

/** A piece of memory that is lent. */
export interface Loan {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Ends the loan; a second time does nothing. */
  giveBack(): void;
}

/** Lends memory up to a bound, in the order of asking: who asked first is not overtaken by small wishes. */
export class Buffers {
  #free: number;
  readonly #waiting: { readonly bytes: number; readonly go: () => void }[] = [];
  /** Arrays of full size are used again: the heap would free them late. */
  readonly #idle: Uint8Array<ArrayBuffer>[] = [];

  constructor(bytes: number) {
    this.#free = bytes;
  }

  /** Waits until so many bytes, at most {@link rangeBytes}, are free. */
  async take(length: number): Promise<Loan> {
    if (this.#waiting.length === 0 && this.#free >= length) this.#free -= length;
    else await new Promise<void>((go) => this.#waiting.push({ bytes: length, go }));
    const bytes = (length === rangeBytes ? this.#idle.pop() : undefined) ?? new Uint8Array(length);
    let lent = true;
    const giveBack = () => {
      if (!lent) return;
      lent = false;
      if (length === rangeBytes) this.#idle.push(bytes);
      this.#return(length);
    };
    return { bytes, giveBack };
  }

  #return(length: number): void {
    this.#free += length;
    while (this.#waiting.length > 0 && this.#waiting[0].bytes <= this.#free) {
      const next = this.#waiting.shift()!;
      this.#free -= next.bytes;
      next.go();
    }
  }
}
