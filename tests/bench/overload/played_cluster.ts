/** A cluster in a thread of its own, reached through the seam of `lib/kube`, that tells a recording. */

import { apiErrorFrom } from "../../../lib/kube/errors.ts";
import { parseJson } from "../../../lib/kube/json/json.ts";
import {
  adapter,
  type RequestOptions,
  type RestClient,
  type Transport,
} from "../../../lib/kube/transport.ts";
import type { Ask, Say } from "./cluster_thread.ts";
import type { RecordingOptions } from "./recording.ts";

/** What was told so far. */
export interface Told {
  readonly told: number;
  readonly seconds: number;
}

type Recorded = Extract<Say, { recorded: unknown }>["recorded"];

export class PlayedCluster implements Disposable {
  /** What the recording is: its services, and those that are broken at its end. */
  recorded!: Recorded;
  /** Writes that were sent, but for events: those are told, not done. */
  readonly writes: string[] = [];
  readonly transport: Transport = adapter({
    performRequest: (options: RequestOptions) => this.#perform(options),
  } as RestClient);
  readonly #thread = new Worker(new URL("cluster_thread.ts", import.meta.url), { type: "module" });
  #requests = 0;
  readonly #waiting = new Map<number, (say: Say) => void>();
  readonly #readers = new Map<number, ReadableStreamDefaultController<Uint8Array>>();
  #isReady = () => {};
  #isRecorded = (_: Recorded) => {};
  #isTold = (_: Told & { readonly isOver: boolean }) => {};

  private constructor() {
    this.#thread.onmessage = ({ data }) => this.#heard(data);
  }

  static async record(options: RecordingOptions): Promise<PlayedCluster> {
    const cluster = new PlayedCluster();
    const recorded = new Promise<Recorded>((resolve, reject) => {
      cluster.#isRecorded = resolve;
      cluster.#thread.onerror = (event) => {
        event.preventDefault();
        reject(new Error(event.message));
      };
    });
    cluster.#isReady = () => cluster.#ask({ record: options });
    try {
      cluster.recorded = await recorded;
    } catch (error) {
      cluster[Symbol.dispose]();
      throw error;
    }
    return cluster;
  }

  /**
   * Tells at least so many steps, and the recording to its end.
   *
   * @param rate steps a second; undefined: as fast as the readers take them
   * @param meanwhile called again and again
   */
  tell(steps: number, rate: number | undefined, meanwhile: (told: number) => void): Promise<Told> {
    return new Promise((resolve) => {
      this.#isTold = ({ isOver, ...told }) => {
        meanwhile(told.told);
        if (isOver) resolve(told);
      };
      this.#ask({ tell: { steps, rate } });
    });
  }

  [Symbol.dispose](): void {
    this.#thread.terminate();
  }

  #ask(ask: Ask): void {
    this.#thread.postMessage(ask);
  }

  async #perform(options: RequestOptions): Promise<unknown> {
    const { method, path, querystring, bodyJson, bodyRaw, contentType, accept } = options;
    if (method !== "GET" && !/\/events\b/.test(path)) this.writes.push(`${method} ${path}`);
    const request = ++this.#requests;
    const said = new Promise<Say>((resolve) => this.#waiting.set(request, resolve));
    // As it would be on the wire: text.
    const body = bodyJson === undefined ? bodyRaw : JSON.parse(JSON.stringify(bodyJson));
    this.#ask({ request, method, path, query: String(querystring ?? ""), body, contentType, accept });
    const say = await said;
    if ("opened" in say) return this.#stream(request, options.abortSignal);
    const { code, text } = say as Extract<Say, { answer: number }>;
    if (code >= 400) throw apiErrorFrom({ method, path }, code, text);
    if (options.expectStream) return new Blob([text]).stream();
    return options.expectJson ? parseJson(text) : new TextEncoder().encode(text);
  }

  #stream(id: number, signal?: AbortSignal): ReadableStream<Uint8Array> {
    const cancel = () => {
      this.#readers.delete(id);
      this.#ask({ cancelled: id });
    };
    signal?.addEventListener("abort", cancel, { once: true });
    const pieces = new ReadableStream<Uint8Array>({
      start: (controller) => void this.#readers.set(id, controller),
      cancel,
    });
    const taken = new TransformStream<Uint8Array, Uint8Array>(
      {
        transform: (piece, controller) => {
          controller.enqueue(piece);
          this.#ask({ taken: id });
        },
      },
      undefined,
      { highWaterMark: 0 },
    );
    return pieces.pipeThrough(taken);
  }

  #heard(say: Say): void {
    if ("ready" in say) return this.#isReady();
    if ("recorded" in say) return this.#isRecorded(say.recorded);
    if ("told" in say) return this.#isTold(say);
    if ("piece" in say) return this.#readers.get(say.piece)?.enqueue(say.bytes);
    if ("ended" in say) {
      this.#readers.get(say.ended)?.close();
      this.#readers.delete(say.ended);
      return;
    }
    const request = "opened" in say ? say.opened : say.answer;
    this.#waiting.get(request)?.(say);
    this.#waiting.delete(request);
  }
}
