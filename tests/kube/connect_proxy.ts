/** A forward proxy (CONNECT) as companies have it; every name leads to one address. */
export class ConnectProxy implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #target: { hostname: string; port: number };
  readonly #connections: Deno.Conn[] = [];
  /** What it was asked to connect to. */
  readonly asked: string[] = [];

  constructor(target: URL) {
    this.#target = { hostname: target.hostname, port: Number(target.port) };
    this.#accept();
  }

  get url(): string {
    return `http://127.0.0.1:${this.#listener.addr.port}`;
  }

  async #accept(): Promise<void> {
    for await (const near of this.#listener) {
      this.#connections.push(near);
      this.#connect(near).catch(() => {}); // closed from one side, or by the end of the test
    }
  }

  async #connect(near: Deno.Conn): Promise<void> {
    const buffer = new Uint8Array(4096);
    let head = "";
    while (!head.includes("\r\n\r\n")) {
      const size = await near.read(buffer);
      if (size === null) return;
      head += new TextDecoder().decode(buffer.subarray(0, size));
    }
    this.asked.push(head.split(" ")[1]);
    const far = await Deno.connect(this.#target);
    this.#connections.push(far);
    await near.write(new TextEncoder().encode("HTTP/1.1 200 Connection established\r\n\r\n"));
    await Promise.all([
      near.readable.pipeTo(far.writable),
      far.readable.pipeTo(near.writable),
    ]);
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    for (const connection of this.#connections) {
      try {
        connection.close();
      } catch {
        // The pipe has closed it.
      }
    }
  }
}
