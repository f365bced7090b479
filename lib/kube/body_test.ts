import assert from "node:assert/strict";
import { abortable } from "./body.ts";

/** A signal that knows who listens to it. */
function counted() {
  const controller = new AbortController();
  const { signal } = controller;
  const listening = new Set<unknown>();
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  signal.addEventListener = ((type: string, heard: EventListener, options: AddEventListenerOptions) => {
    listening.add(heard);
    add(type, heard, options);
  }) as typeof signal.addEventListener;
  signal.removeEventListener = ((type: string, heard: EventListener) => {
    listening.delete(heard);
    remove(type, heard);
  }) as typeof signal.removeEventListener;
  return { controller, signal, listening };
}

const chunk = new Uint8Array([1]);
const endless = () =>
  new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(chunk),
  }, { highWaterMark: 0 });

const ends: Record<string, (stream: ReadableStream<Uint8Array>) => Promise<unknown>> = {
  "it is over": async (stream) => assert.deepEqual(await Array.fromAsync(stream), [chunk]),
  "its reader goes": (stream) => stream.cancel(),
};

for (const [when, end] of Object.entries(ends)) {
  Deno.test(`a stream leaves nothing at its signals when ${when}`, async () => {
    const [a, b] = [counted(), counted()];
    const source = when === "it is over" ? ReadableStream.from([chunk]) : endless();
    const stream = abortable(source, [a.signal, b.signal], (failure) => failure);
    assert.deepEqual([a.listening.size, b.listening.size], [1, 1]);
    await end(stream);
    assert.deepEqual([a.listening.size, b.listening.size], [0, 0]);
  });
}

for (const which of [0, 1]) {
  Deno.test(`any signal of a stream ends it, and it leaves the others (${which})`, async () => {
    const signals = [counted(), counted()];
    const stream = abortable(endless(), signals.map(({ signal }) => signal), (failure) => failure);
    const reader = stream.getReader();
    await reader.read();
    signals[which].controller.abort(new Error("enough"));
    await assert.rejects(reader.read(), /enough/);
    assert.deepEqual(signals.map(({ listening }) => listening.size), [0, 0]);
  });
}

Deno.test("a signal that was aborted before ends a stream at once", async () => {
  const before = new AbortController();
  before.abort(new Error("too late"));
  const stream = abortable(endless(), [new AbortController().signal, before.signal], (failure) => failure);
  await assert.rejects(stream.getReader().read(), /too late/);
});
