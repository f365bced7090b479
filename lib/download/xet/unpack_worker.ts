/** A thread that unpacks chunks. Spoken to by `unpacking.ts` only. */

import { type PackedChunk, unpackChunk } from "./chunk.ts";

/** The memory goes with the message, and comes back with the reply. */
export interface Request {
  readonly packed: ArrayBuffer;
  readonly chunks: readonly PackedChunk[];
  /** Has room for all chunks, one behind the other. */
  readonly into: ArrayBuffer;
}

/** There is one to each request, in their order. */
export interface Reply {
  readonly packed: ArrayBuffer;
  readonly into: ArrayBuffer;
  /** Why the chunks are none; the memory has nothing of use then. */
  readonly fault?: string;
}

/** What is used here of the worker's own scope, whose types are not those of a page. */
const scope = self as unknown as {
  onmessage: (event: { readonly data: Request }) => void;
  postMessage(reply: Reply, transfer: readonly ArrayBuffer[]): void;
};

scope.onmessage = ({ data: { packed, chunks, into } }) => {
  let fault: string | undefined;
  try {
    let to = 0;
    for (const chunk of chunks) {
      unpackChunk(new Uint8Array(packed), chunk, new Uint8Array(into, to, chunk.bytes));
      to += chunk.bytes;
    }
  } catch (error) {
    fault = (error as Error).message;
  }
  scope.postMessage({ packed, into, fault }, [packed, into]);
};
