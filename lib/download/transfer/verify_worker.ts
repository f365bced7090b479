/** The thread that verifies: takes bytes with their memory, and gives the memory back. Spoken to by `verification.ts` only. */

import { type Checksum, Verifier } from "../files/checksum.ts";
import { prepareCrc } from "../files/crc.ts";

export type Request =
  | { readonly kind: "begin"; readonly file: number; readonly checksum: Checksum; readonly size: number }
  /** `length` bytes follow; the memory goes with the message, and comes back with the reply. */
  | {
    readonly kind: "update";
    readonly file: number;
    readonly memory: ArrayBuffer;
    readonly length: number;
  }
  | { readonly kind: "end"; readonly file: number };

/** There is one to each `update`, in their order, and one to each `end`. */
export type Reply = { readonly memory: ArrayBuffer } | { readonly fault: string | undefined };

/** What is used here of the worker's own scope, whose types are not those of a page. */
const scope = self as unknown as {
  onmessage: (event: { readonly data: Request }) => void;
  postMessage(reply: Reply, transfer: readonly ArrayBuffer[]): void;
};

const verifiers = new Map<number, Verifier>();

/** One message after the other: the code of a CRC starts asynchronously. */
let before = Promise.resolve();

scope.onmessage = ({ data }) => {
  before = before.then(() => answer(data));
};

async function answer(data: Request): Promise<void> {
  switch (data.kind) {
    case "begin": {
      const { file, checksum, size } = data;
      if (checksum.kind === "crc" || checksum.kind === "crcParts") await prepareCrc(checksum.name);
      return void verifiers.set(file, new Verifier(checksum, size));
    }
    case "update": {
      const { file, memory, length } = data;
      verifiers.get(file)!.update(new Uint8Array(memory, 0, length));
      return scope.postMessage({ memory }, [memory]);
    }
    case "end": {
      const fault = verifiers.get(data.file)!.fault();
      verifiers.delete(data.file);
      return scope.postMessage({ fault }, []);
    }
  }
}
