/** Time and chance of this thread, driven: whatever runs in it cannot tell, and a seed makes the same history again. */

import { setImmediate } from "node:timers";
import { DrivenClock } from "../../apiserver/clock.ts";

const RealDate = Date;

/**
 * Until it is disposed, timers, both clocks, random numbers and made-up names of this thread are those of a simulation.
 *
 * What waits for the outside (files, sockets) is not driven: nothing in a simulation may.
 */
export class DrivenTime implements Disposable {
  readonly clock: DrivenClock;
  readonly #undo: (() => void)[] = [];
  readonly #timers = new Map<number, () => void>();
  #ids = 0;

  /**
   * @param random numbers in [0, 1), seeded
   * @param start when it begins, in milliseconds since 1970
   * @param mostCalls more calls than this in one moment count as a loop without an end
   */
  constructor(private readonly random: () => number, start: number, mostCalls?: number) {
    const clock = this.clock = new DrivenClock(start, mostCalls);
    const stop = (id: number | undefined) => this.#stop(id);
    this.#put(globalThis, {
      setTimeout: (call: (...args: unknown[]) => void, wait = 0, ...args: unknown[]) =>
        this.#start(() => call(...args), wait),
      setInterval: (call: () => void, wait: number) => this.#repeat(call, wait),
      clearTimeout: stop,
      clearInterval: stop,
      Date: class extends RealDate {
        constructor(...args: [] | [string | number]) {
          super(args[0] ?? clock.now());
        }
        static override now = () => clock.now();
      },
    });
    this.#put(performance, { now: () => clock.now() - start });
    this.#put(Math, { random });
    this.#put(AbortSignal, {
      timeout: (milliseconds: number) => {
        const late = new AbortController();
        this.#start(() => late.abort(new DOMException("Signal timed out.", "TimeoutError")), milliseconds);
        return late.signal;
      },
    });
    this.#put(crypto, {
      randomUUID: () => `${this.#hex(8)}-${this.#hex(4)}-4${this.#hex(3)}-8${this.#hex(3)}-${this.#hex(12)}`,
      getRandomValues: (bytes: Uint8Array) => bytes.map((_, i) => bytes[i] = Math.floor(random() * 256)),
    });
  }

  /**
   * Lets so many milliseconds pass, and everything happen that is due in them, each moment to its end.
   *
   * @param until looked at after each moment; what it is true for ends the wait
   * @throws if no time passes any more ({@link DrivenClock.advance})
   */
  async pass(milliseconds: number, until: () => boolean = () => false): Promise<void> {
    const { clock } = this;
    const end = clock.now() + milliseconds;
    for (;;) {
      await promisesSettled();
      if (until()) return;
      const next = clock.next();
      if (next === undefined || next > end) break;
      clock.advance(Math.max(0, next - clock.now()));
    }
    clock.advance(end - clock.now());
    await promisesSettled();
  }

  [Symbol.dispose](): void {
    for (const undo of this.#undo.splice(0)) undo();
  }

  #start(call: () => void, wait: number): number {
    const id = ++this.#ids;
    this.#timers.set(
      id,
      // In whole milliseconds, as the runtime does it: a part of one may be too little to move the clock.
      this.clock.after(Math.max(0, Math.ceil(wait)), () => {
        this.#timers.delete(id);
        call();
      }),
    );
    return id;
  }

  #repeat(call: () => void, wait: number): number {
    const id = ++this.#ids;
    const next = () =>
      this.#timers.set(
        id,
        this.clock.after(Math.max(1, Math.ceil(wait)), () => {
          next();
          call();
        }),
      );
    next();
    return id;
  }

  #stop(id: number | undefined): void {
    if (id === undefined) return;
    this.#timers.get(id)?.();
    this.#timers.delete(id);
  }

  #hex(digits: number): string {
    return Array.from({ length: digits }, () => Math.floor(this.random() * 16).toString(16)).join("");
  }

  /** Puts members in the place of an object's own, until this is disposed. */
  #put(on: object, members: Record<string, unknown>): void {
    for (const [name, value] of Object.entries(members)) {
      const before = Object.getOwnPropertyDescriptor(on, name);
      Object.defineProperty(on, name, { value, configurable: true, writable: true });
      this.#undo.push(() => {
        if (before === undefined) delete (on as Record<string, unknown>)[name];
        else Object.defineProperty(on, name, before);
      });
    }
  }
}

/** Lets everything run that waits for nothing but its turn. */
function promisesSettled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
