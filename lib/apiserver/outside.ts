/**
 * What a request asks of the world outside. The server answers at once: where it needs to know what a webhook says, it
 * gives up the request with the calls that are to be made, and is asked again with their replies.
 */
import type { JsonObject } from "./json.ts";

/** A review that is posted to a webhook. */
export interface Call {
  readonly url: string;
  /** PEM text of who signed its certificate; undefined where that is somebody whom everybody trusts. */
  readonly authority: string | undefined;
  readonly body: JsonObject;
  readonly seconds: number;
}

/** What came back, or why nothing did. */
export type Reply = { readonly code: number; readonly text: string } | { readonly problem: string };

/** Thrown through an answer that cannot be given before these calls are made. */
export class Unanswered extends Error {
  constructor(readonly calls: readonly Call[]) {
    super("webhooks have not been asked yet");
  }
}

/** A request that is answered anew with each reply. What is made up for it (names, identities, the time) stays. */
export class Attempt {
  readonly #replies = new Map<string, Reply>();
  /** By what it is. */
  readonly #made = new Map<string, { readonly values: unknown[]; next: number }>();

  /** Begins again. */
  begin(): void {
    for (const made of this.#made.values()) made.next = 0;
  }

  /** What was made up here the last time, or is now. @param what the kind of it */
  once<T>(what: string, make: () => T): T {
    const made = this.#made.get(what) ?? { values: [], next: 0 };
    this.#made.set(what, made);
    if (made.next === made.values.length) made.values.push(make());
    return made.values[made.next++] as T;
  }

  keep(call: Call, reply: Reply): void {
    this.#replies.set(keyOf(call), reply);
  }

  reply(call: Call): Reply | undefined {
    return this.#replies.get(keyOf(call));
  }
}

function keyOf({ url, body }: Call): string {
  return `${url} ${JSON.stringify(body)}`;
}
