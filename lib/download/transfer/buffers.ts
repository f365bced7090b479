/** A bound on what is held in memory between the network and the disk. */

/** Bytes of one request. Larger ones would cost more after a kill; each one costs both sides a millisecond, and a round trip. */
export const rangeBytes = 8 * 2 ** 20;

const largeBytes = 2 ** 20;

/** A piece of memory that is lent. */
export interface Loan {
  /** Another array after its memory was with another thread. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Ends the loan; a second time does nothing. */
  giveBack(): void;
}

/** Lends memory up to a bound, in the order of asking: who asked first is not overtaken by small wishes. */
export class Buffers {
  #free: number;
  readonly #waiting: { readonly bytes: number; readonly go: () => void }[] = [];
  /** Large arrays are used again, as long as the same size is wanted: the heap would free them late. */
  readonly #idle: Uint8Array<ArrayBuffer>[] = [];

  constructor(bytes: number) {
    this.#free = bytes;
  }

  /** Waits until so many bytes, at most {@link rangeBytes}, are free. */
  async take(length: number): Promise<Loan> {
    if (this.#waiting.length === 0 && this.#free >= length) this.#free -= length;
    else await new Promise<void>((go) => this.#waiting.push({ bytes: length, go }));
    let lent = true;
    const loan: Loan = {
      bytes: this.#used(length) ?? new Uint8Array(length),
      giveBack: () => {
        if (!lent) return;
        lent = false;
        if (loan.bytes.length >= largeBytes) this.#idle.push(loan.bytes);
        this.#return(length);
      },
    };
    return loan;
  }

  #used(length: number): Uint8Array<ArrayBuffer> | undefined {
    if (length < largeBytes) return undefined;
    if (this.#idle.at(-1)?.length !== length) this.#idle.length = 0;
    return this.#idle.pop();
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
