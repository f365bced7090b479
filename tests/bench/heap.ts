/** Looks into the heap of a process that listens for a debugger (Chrome DevTools protocol). */

interface Answer {
  readonly id?: number;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
  readonly method?: string;
  readonly params?: { readonly chunk?: string };
}

/** A heap that can be asked; close it when done. */
export class Heap implements Disposable {
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #chunks: string[] = [];
  #asked = 0;

  private constructor(private readonly socket: WebSocket) {
    socket.onmessage = ({ data }) => {
      const answer: Answer = JSON.parse(data);
      if (answer.id !== undefined) this.#waiting.get(answer.id)?.(answer);
      else if (answer.method === "HeapProfiler.addHeapSnapshotChunk") {
        this.#chunks.push(answer.params!.chunk!);
      }
    };
  }

  /** @param port where the debugger's door is, on loopback */
  static async of(port: number): Promise<Heap> {
    const targets = await (await fetch(`http://127.0.0.1:${port}/json/list`)).json();
    const socket = new WebSocket(targets[0].webSocketDebuggerUrl);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    return new Heap(socket);
  }

  /** Megabytes of objects that something still holds: measured after a garbage collection. */
  async heldMegabytes(): Promise<number> {
    await this.#ask("HeapProfiler.collectGarbage");
    const { usedSize } = await this.#ask("Runtime.getHeapUsage");
    return usedSize as number / 1e6;
  }

  /** Writes a snapshot that a browser's developer tools can load. */
  async snapshot(file: string): Promise<void> {
    this.#chunks = [];
    await this.#ask("HeapProfiler.takeHeapSnapshot", { reportProgress: false });
    await Deno.writeTextFile(file, this.#chunks.join(""));
    this.#chunks = [];
  }

  #ask(method: string, params = {}): Promise<Record<string, unknown>> {
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) => {
        this.#waiting.delete(id);
        if (error === undefined) resolve(result ?? {});
        else reject(new Error(`${method}: ${error.message}`));
      });
      this.socket.send(JSON.stringify({ id, method, params }));
    });
  }

  [Symbol.dispose](): void {
    this.socket.close();
  }
}
