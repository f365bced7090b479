/**
 * The door for whoever runs in the same process: the call shape of `lib/kube`'s transport, without serialisation.
 *
 * What comes back is frozen and shared with the server. What is handed in is copied.
 */
import { parseJson, stringifyJson } from "../../kube/json/json.ts";
import { ApiError, NetworkError } from "../../kube/errors.ts";
import { adapter, type RequestOptions, type RestClient, type Transport } from "../../kube/transport.ts";
import type { Answer, Answering } from "../request.ts";
import type { Watch } from "../watch/watch.ts";

/** @param userAgent who asks: its first part is the field manager where a write names none */
export function inProcessTransport(server: Answering, userAgent = "in-process"): Transport {
  const performRequest = async (options: RequestOptions): Promise<unknown> => {
    options.abortSignal?.throwIfAborted();
    const { method, path } = options;
    const answer = await server.handle({
      method,
      path,
      query: options.querystring ?? new URLSearchParams(),
      body: options.bodyJson ?? options.bodyRaw,
      contentType: options.contentType,
      accept: options.accept,
      userAgent,
    });
    if (answer === undefined) {
      throw new NetworkError("ConnectionReset", `the answer was lost: ${method} ${path}`, {
        sent: true,
        method,
        path,
      });
    }
    return given(answer, options);
  };
  return { ...adapter({ performRequest } as RestClient), hasObjects: true };
}

function given(answer: Answer, options: RequestOptions): Promise<unknown> {
  if ("watch" in answer) {
    return Promise.resolve(options.expectJson ? eventsOf(answer.watch) : linesOf(answer.watch));
  }
  if (answer.code >= 400) return Promise.reject(refused(answer, options));
  const text = "text" in answer ? answer.text : undefined;
  if (options.expectStream) {
    return Promise.resolve(streamOf(text ?? stringifyJson((answer as { body: unknown }).body)));
  }
  if (options.expectJson) {
    return Promise.resolve(text === undefined ? (answer as { body: unknown }).body : parseJson(text));
  }
  return Promise.resolve(new TextEncoder().encode(text ?? stringifyJson((answer as { body: unknown }).body)));
}

function refused(answer: Answer, { method, path }: RequestOptions): ApiError {
  if ("text" in answer) {
    return new ApiError({ status: answer.code, message: answer.text.trim(), method, path });
  }
  const { reason, message, details } =
    (answer as { body: { reason?: string; message: string; details?: object } }).body;
  const retryAfterSeconds = (details as { retryAfterSeconds?: number } | undefined)?.retryAfterSeconds;
  return new ApiError({ status: answer.code, reason, message, details, retryAfterSeconds, method, path });
}

/** A text as a stream that waits for nothing outside of this thread. */
function streamOf(text: string): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text));
      controller.close();
    },
  });
}

function eventsOf(watch: Watch): ReadableStream<unknown> {
  return new ReadableStream({
    async pull(controller) {
      const event = await watch.next();
      if (event === undefined) controller.close();
      else controller.enqueue(event);
    },
    cancel: () => watch.end(),
  }, { highWaterMark: 0 });
}

function linesOf(watch: Watch): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return eventsOf(watch).pipeThrough(
    new TransformStream({
      transform: (event, controller) => controller.enqueue(encoder.encode(`${stringifyJson(event)}\n`)),
    }),
  );
}
