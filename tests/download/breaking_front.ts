/** Stands before a server and breaks its connections as networks do: by a reset, or by closing one half. */

import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** What becomes of a connection after so many bytes from the server. */
export interface Break {
  readonly after: number;
  readonly how: "reset" | "half closed";
}

export class BreakingFront implements Disposable {
  readonly #server: Server;
  readonly #target: URL;
  readonly #open = new Set<Socket>();
  /** Connections that were broken. */
  broken = 0;

  private constructor(target: string, breakOf: (number: number) => Break | undefined) {
    this.#target = new URL(target);
    let number = 0;
    this.#server = createServer({ allowHalfOpen: true }, (near) => this.#relay(near, breakOf(++number)));
  }

  /** @param breakOf what becomes of a connection, by its number from 1; undefined: it lives. */
  static async before(
    target: string,
    breakOf: (number: number) => Break | undefined,
  ): Promise<BreakingFront> {
    const front = new BreakingFront(target, breakOf);
    await new Promise<void>((resolve) => front.#server.listen(0, "127.0.0.1", resolve));
    return front;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  #relay(near: Socket, breaks: Break | undefined): void {
    const far = connect(Number(this.#target.port), this.#target.hostname);
    for (const socket of [near, far]) {
      this.#open.add(socket);
      socket.on("error", () => {}).on("close", () => this.#open.delete(socket));
    }
    near.on("close", () => far.destroy());
    near.pipe(far);
    let left = breaks?.after ?? Infinity;
    far.on("data", (bytes: Uint8Array) => {
      const piece = bytes.subarray(0, left);
      left -= bytes.length;
      if (left > 0) {
        if (!near.write(piece)) far.pause();
        return;
      }
      this.broken++;
      far.removeAllListeners("data").destroy();
      if (breaks!.how === "half closed") near.end(piece);
      else near.write(piece, () => near.resetAndDestroy());
    });
    near.on("drain", () => far.resume());
    far.on("end", () => near.end());
  }

  [Symbol.dispose](): void {
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
  }
}
