/** The clock of a server: the real one, or one that a simulation drives. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once after so many milliseconds; gives what calls it off. */
  after(milliseconds: number, call: () => void): () => void;
}

/** A timer cannot wait longer, in milliseconds: it would fire at once. */
const longestTimer = 2 ** 31 - 1;

// As they are now: while a plan is rehearsed in this thread, those of the thread are driven, and what a server asked of them
// meanwhile would be forgotten with them.
const { clearTimeout, Date, setTimeout } = globalThis;

/** The machine's, even while the time of this thread is driven. */
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

/** What was written last: most of what happens in a second is written in it. */
let last = { second: NaN, text: "" };

/** A time as Kubernetes writes it: whole seconds. */
export function timestamp(milliseconds: number): string {
  const second = Math.floor(milliseconds / 1_000);
  if (second !== last.second) {
    last = { second, text: new Date(second * 1_000).toISOString().replace(".000Z", "Z") };
  }
  return last.text;
}

interface Call {
  readonly at: number;
  /** Calls of one moment are made in the order in which they were asked for. */
  readonly order: number;
  /** Undefined once it is made or called off. */
  call: (() => void) | undefined;
}

/** A clock that stands still until it is moved. Calls that are due are made in the order of their moments. */
export class DrivenClock implements Clock {
  #now: number;
  #order = 0;
  /** How many calls the present moment has had. */
  #callsOfMoment = 0;
  /** A binary heap, the earliest first; what is called off stays in it until it is due. */
  readonly #calls: Call[] = [];

  /**
   * @param start in milliseconds since 1970
   * @param mostCalls more calls than this in one moment count as a loop without an end
   */
  constructor(start: number, private readonly mostCalls = 1_000_000) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, call: () => void): () => void {
    const entry: Call = { at: this.#now + milliseconds, order: this.#order++, call };
    this.#add(entry);
    return () => entry.call = undefined;
  }

  /** When the next call is due, or undefined if nobody waits. */
  next(): number | undefined {
    while (this.#calls.length > 0 && this.#calls[0].call === undefined) this.#takeFirst();
    return this.#calls[0]?.at;
  }

  /** @throws if one moment has more calls than there may be: each asks for another at once, and no time passes */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (let next = this.next(); next !== undefined && next <= end; next = this.next()) {
      if (next > this.#now) this.#moveTo(next);
      if (this.#callsOfMoment === this.mostCalls) {
        throw new Error(`no time passes: ${this.mostCalls} calls were due in one moment`);
      }
      this.#callsOfMoment++;
      const due = this.#takeFirst();
      const { call } = due;
      due.call = undefined;
      call!();
    }
    if (end > this.#now) this.#moveTo(end);
  }

  #moveTo(moment: number): void {
    this.#now = moment;
    this.#callsOfMoment = 0;
  }

  #add(entry: Call): void {
    const calls = this.#calls;
    let at = calls.push(entry) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (isBefore(calls[above], entry)) break;
      calls[at] = calls[above];
      at = above;
    }
    calls[at] = entry;
  }

  #takeFirst(): Call {
    const calls = this.#calls;
    const first = calls[0];
    const last = calls.pop()!;
    if (calls.length === 0) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= calls.length) break;
      if (below + 1 < calls.length && isBefore(calls[below + 1], calls[below])) below++;
      if (isBefore(last, calls[below])) break;
      calls[at] = calls[below];
      at = below;
    }
    calls[at] = last;
    return first;
  }
}

function isBefore(a: Call, b: Call): boolean {
  return a.at < b.at || a.at === b.at && a.order < b.order;
}
