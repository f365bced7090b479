/** How many requests are under way at a time: as many as make it faster, fewer when the server has enough. */

/** Speeds are only told apart if they differ by more than that. */
const worthwhile = 1.05;

/**
 * Places for requests, given in the order of asking.
 *
 * The number of places follows the speed: one more is tried for two turns, and kept if more bytes came. A refusal (429,
 * 503) halves it, and it grows again slowly.
 */
export class Connections {
  readonly #most: number;
  #places: number;
  #taken = 0;
  readonly #waiting: (() => void)[] = [];
  /** Bytes a turn before the last change. */
  #before = 0;
  #turns = 0;
  /** Turns for which nothing is tried. */
  #rest = 0;

  constructor({ first = 8, most = 12 }: { readonly first?: number; readonly most?: number } = {}) {
    this.#places = first;
    this.#most = most;
  }

  /** How many there may be now. */
  get places(): number {
    return this.#places;
  }

  /** Waits for a place; the caller gives it back by the function that it gets. */
  async take(): Promise<() => void> {
    if (this.#taken < this.#places) this.#taken++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    let given = true;
    return () => {
      if (!given) return;
      given = false;
      this.#taken--;
      this.#hand();
    };
  }

  /** The server has said that this is too much. */
  refused(): void {
    this.#places = Math.max(1, Math.floor(this.#places / 2));
    this.#before = 0;
    this.#turns = 0;
    this.#rest = 20;
  }

  /** To be called once a second with the bytes that came in it. */
  turn(bytes: number): void {
    if (this.#rest > 0) {
      this.#rest--;
      return;
    }
    // Without anybody waiting for a place, one more changes nothing.
    if (this.#waiting.length === 0 || ++this.#turns < 2) return;
    this.#turns = 0;
    if (bytes > this.#before * worthwhile) {
      this.#before = bytes;
      this.#change(1);
    } else {
      this.#change(-1);
      this.#before = 0;
      this.#rest = 10;
    }
  }

  #change(by: number): void {
    this.#places = Math.min(this.#most, Math.max(1, this.#places + by));
    this.#hand();
  }

  #hand(): void {
    while (this.#taken < this.#places && this.#waiting.length > 0) {
      this.#taken++;
      this.#waiting.shift()!();
    }
  }
}
