/**
 * Verifying beside everything else: a checksum takes as much of a core as all the rest of a download, so large files are verified
 * by threads of their own. Memory goes there and comes back; no byte is copied.
 */

import type { Loan } from "./buffers.ts";
import { type Checksum, Verifier } from "../files/checksum.ts";
import type { Reply, Request } from "./verify_worker.ts";

/** Smaller files are verified here: a message takes longer. */
const smallBytes = 2 ** 20;

/** The bytes of one file on their way through its checksum. */
export interface Verification {
  /** Takes the next bytes, `loan.bytes[0, length)`, and the loan, which it ends when it has read them. In the order of calls. */
  update(loan: Loan, length: number): void;
  /** Why the bytes are not the right ones; undefined if they are. Ends it: to be called once, also when nobody asks. */
  fault(): Promise<string | undefined>;
}

/** Begins verifications, and spreads them over threads that are started when they are needed. */
export class Verifications implements Disposable {
  readonly #threads: Thread[] = [];
  readonly #most: number;

  /** @param most threads. By default all cores but the one that downloads, up to two: each takes 10 MB. */
  constructor(most: number = Math.min(2, Math.max(1, navigator.hardwareConcurrency - 1))) {
    this.#most = most;
  }

  /** @param size bytes of the whole file. */
  begin(checksum: Checksum, size: number): Verification {
    if (size < smallBytes || checksum.kind === "none") return new Inline(checksum, size);
    return this.#idlest().begin(checksum, size);
  }

  [Symbol.dispose](): void {
    for (const thread of this.#threads) thread.stop();
  }

  #idlest(): Thread {
    const [idlest] = this.#threads.toSorted((a, b) => a.files - b.files);
    if (idlest !== undefined && (idlest.files === 0 || this.#threads.length === this.#most)) return idlest;
    const started = new Thread();
    this.#threads.push(started);
    return started;
  }
}

class Inline implements Verification {
  readonly #verifier: Verifier;

  constructor(checksum: Checksum, size: number) {
    this.#verifier = new Verifier(checksum, size);
  }

  update(loan: Loan, length: number): void {
    this.#verifier.update(loan.bytes.subarray(0, length));
    loan.giveBack();
  }

  fault(): Promise<string | undefined> {
    return Promise.resolve(this.#verifier.fault());
  }
}

class Thread {
  readonly #worker = new Worker(new URL("./verify_worker.ts", import.meta.url), { type: "module" });
  /** Loans that are there, in the order in which they come back. */
  readonly #lent: Loan[] = [];
  readonly #asked: PromiseWithResolvers<string | undefined>[] = [];
  #begun = 0;
  #files = 0;
  #broken: Error | undefined;

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      if ("fault" in data) return this.#asked.shift()!.resolve(data.fault);
      const loan = this.#lent.shift()!;
      loan.bytes = new Uint8Array(data.memory);
      loan.giveBack();
    };
    this.#worker.onerror = (event) => {
      event.preventDefault(); // else it ends the program
      this.#break(new Error(`the thread that verifies has ended: ${event.message}`));
    };
  }

  /** Files that are being verified. */
  get files(): number {
    return this.#files;
  }

  begin(checksum: Checksum, size: number): Verification {
    const file = this.#begun++;
    this.#files++;
    this.#send({ kind: "begin", file, checksum, size });
    return {
      update: (loan, length) => {
        if (this.#broken !== undefined) return loan.giveBack(); // fault() tells it
        const memory = loan.bytes.buffer;
        this.#lent.push(loan);
        this.#send({ kind: "update", file, memory, length }, [memory]);
      },
      fault: () => {
        this.#files--;
        if (this.#broken !== undefined) return Promise.reject(this.#broken);
        const asked = Promise.withResolvers<string | undefined>();
        this.#asked.push(asked);
        this.#send({ kind: "end", file });
        return asked.promise;
      },
    };
  }

  stop(): void {
    this.#worker.terminate();
  }

  #send(request: Request, memory: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(request, [...memory]);
  }

  #break(reason: Error): void {
    this.#broken = reason;
    for (const loan of this.#lent.splice(0)) loan.giveBack();
    for (const { reject } of this.#asked.splice(0)) reject(reason);
  }
}
