/**
 * The thread of the cluster: it records what a cluster tells, answers requests to that cluster, and tells the recording again. What a
 * watch has to say goes over as the bytes of the wire. A reader has so many pieces on their way at most, as on a connection; what it does
 * not take waits here, and when that becomes too much its watch is cut, as the original does it.
 */

import type { Watch } from "../../../lib/apiserver/watch/watch.ts";
import { ApiServer } from "../../../lib/apiserver/server.ts";
import { stringifyJson } from "../../../lib/kube/json/json.ts";
import { record, type Recording, type RecordingOptions, type Step, take } from "./recording.ts";

/** What the thread is asked. */
export type Ask =
  | { readonly record: RecordingOptions }
  | {
    readonly request: number;
    readonly method: string;
    readonly path: string;
    readonly query: string;
    readonly body?: unknown;
    readonly contentType?: string;
    readonly accept?: string;
  }
  /** A piece of a watch was taken. */
  | { readonly taken: number }
  /** Nobody reads that watch any more. */
  | { readonly cancelled: number }
  /** So many steps a second, or as many as the readers take; the recording is told to its end. */
  | { readonly tell: { readonly rate?: number; readonly steps: number } };

/** What it says. */
export type Say =
  /** It listens: what came before that was lost. */
  | { readonly ready: true }
  | {
    readonly recorded: Pick<Recording, "services"> & {
      readonly steps: number;
      readonly broken: readonly string[];
    };
  }
  | { readonly answer: number; readonly code: number; readonly text: string }
  | { readonly opened: number }
  | { readonly piece: number; readonly bytes: Uint8Array }
  | { readonly ended: number }
  | { readonly told: number; readonly seconds: number; readonly isOver: boolean };

const scope = globalThis as unknown as {
  onmessage: (event: { data: Ask }) => void;
  postMessage(say: Say): void;
};
const encoder = new TextEncoder();
/** Pieces on their way to a reader; a piece is full from so many characters on, as a read of a connection is. */
const [mostPieces, fullPiece] = [4, 64 * 1024];
const millisecondsATick = 10;

let recording: Recording;
let server: ApiServer;
const readers = new Map<number, { readonly watch: Watch; onTheirWay: number; wake?: () => void }>();

scope.onmessage = ({ data: ask }) => {
  if ("record" in ask) start(ask.record);
  else if ("tell" in ask) tell(ask.tell);
  else if ("taken" in ask) {
    const reader = readers.get(ask.taken);
    if (reader === undefined) return;
    reader.onTheirWay--;
    reader.wake?.();
  } else if ("cancelled" in ask) readers.get(ask.cancelled)?.watch.end();
  else answer(ask);
};

scope.postMessage({ ready: true });

async function start(options: RecordingOptions): Promise<void> {
  recording = await record(options);
  server = new ApiServer({ like: recording.start });
  const { services, steps, broken } = recording;
  scope.postMessage({ recorded: { services, steps: steps.length, broken: [...broken] } });
}

function answer({ request, query, ...rest }: Extract<Ask, { request: number }>): void {
  const given = server.handle({ ...rest, query: new URLSearchParams(query), userAgent: "aim-engine" });
  if ("watch" in given) {
    scope.postMessage({ opened: request });
    void pass(request, given.watch);
  } else {
    const text = "text" in given ? given.text : stringifyJson(given.body);
    scope.postMessage({ answer: request, code: given.code, text });
  }
}

/** Passes a watch on, in pieces of what has come meanwhile. */
async function pass(id: number, watch: Watch): Promise<void> {
  const reader: { watch: Watch; onTheirWay: number; wake?: () => void } = { watch, onTheirWay: 0 };
  readers.set(id, reader);
  for (let event; (event = await watch.next()) !== undefined;) {
    let lines = `${stringifyJson(event)}\n`;
    while (lines.length < fullPiece && watch.waiting > 0) {
      lines += `${stringifyJson(await watch.next())}\n`;
    }
    reader.onTheirWay++;
    scope.postMessage({ piece: id, bytes: encoder.encode(lines) });
    while (reader.onTheirWay >= mostPieces && !watch.ended) {
      await new Promise<void>((resolve) => reader.wake = resolve);
    }
  }
  readers.delete(id);
  scope.postMessage({ ended: id });
}

async function tell(
  { rate, steps: least }: { readonly rate?: number; readonly steps: number },
): Promise<void> {
  const steps = endless(recording);
  const lap = recording.steps.length + recording.back.length;
  // The last lap ends where the recording does.
  const total = Math.max(0, Math.ceil((least - recording.steps.length) / lap)) * lap + recording.steps.length;
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1_000;
  // Who is late catches up, but not in one go.
  const atOnce = rate === undefined ? 50 : Math.ceil(rate / 20);
  for (let told = 0; told < total;) {
    const due = rate === undefined ? Infinity : Math.floor(seconds() * rate);
    const end = Math.min(due, told + atOnce, total);
    for (; told < end; told++) take(server.cluster.store, steps.next().value!);
    scope.postMessage({ told, seconds: seconds(), isOver: told === total });
    await new Promise((resolve) => setTimeout(resolve, millisecondsATick));
  }
}

function* endless({ steps, back }: Recording): Generator<Step> {
  for (;;) {
    yield* steps;
    yield* back;
  }
}
