/** The clock of a server: the real one, or one that a simulation drives. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once after so many milliseconds; gives what calls it off. */
  after(milliseconds: number, call: () => void): () => void;
}

/** A timer cannot wait longer, in milliseconds: it would fire at once. */
const longestTimer = 2 ** 31 - 1;

export const realClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, call) {
    const end = Date.now() + milliseconds;
    let timer: ReturnType<typeof setTimeout>;
    const wait = () => {
      const left = end - Date.now();
      timer = setTimeout(left > longestTimer ? wait : call, Math.max(0, Math.min(left, longestTimer)));
      Deno.unrefTimer(timer); // a server that only waits holds up nobody's end
    };
    wait();
    return () => clearTimeout(timer);
  },
};

/** A time as Kubernetes writes it: whole seconds. */
export function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");
}

/** A clock that stands still until it is moved. Calls that are due are made in the order of their moments. */
export class DrivenClock implements Clock {
  #now: number;
  #calls: { at: number; call: () => void }[] = [];

  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, call: () => void): () => void {
    const entry = { at: this.#now + milliseconds, call };
    this.#calls.push(entry);
    return () => {
      this.#calls = this.#calls.filter((other) => other !== entry);
    };
  }

  /** When the next call is due, or undefined if nobody waits. */
  next(): number | undefined {
    return this.#calls.length === 0 ? undefined : Math.min(...this.#calls.map(({ at }) => at));
  }

  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (let next = this.next(); next !== undefined && next <= end; next = this.next()) {
      const due = this.#calls.find(({ at }) => at === next)!;
      this.#calls = this.#calls.filter((other) => other !== due);
      this.#now = Math.max(this.#now, next);
      due.call();
    }
    this.#now = end;
  }
}
