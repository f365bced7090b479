/** A TCP relay whose connections can go dead without being closed, as behind a firewall that lost its state. */
export class BlackHole implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #target: { hostname: string; port: number };
  readonly #connections: Deno.Conn[] = [];
  #generation = 0;
  /** Connections accepted so far. */
  accepted = 0;

  constructor(target: URL) {
    this.#target = { hostname: target.hostname, port: Number(target.port) };
    this.#accept();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** From now on nothing gets through the connections that are open; new ones work. */
  swallow(): void {
    this.#generation++;
  }

  async #accept(): Promise<void> {
    for await (const near of this.#listener) {
      this.accepted++;
      const far = await Deno.connect(this.#target);
      this.#connections.push(near, far);
      const generation = this.#generation;
      this.#relay(near, far, generation);
      this.#relay(far, near, generation);
    }
  }

  async #relay(from: Deno.Conn, to: Deno.Conn, generation: number): Promise<void> {
    const buffer = new Uint8Array(16_384);
    try {
      for (let size = await from.read(buffer); size !== null; size = await from.read(buffer)) {
        if (generation !== this.#generation) continue;
        for (let written = 0; written < size;) written += await to.write(buffer.subarray(written, size));
      }
    } catch {
      // Closed from one side, or by the end of the test.
    }
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    for (const connection of this.#connections) connection.close();
  }
}
