/** The end of a log: what failed, or was found, is printed last. */

/** The last bytes of a stream as text, holding no more than twice as many. */
export async function endOf(stream: ReadableStream<Uint8Array>, limit: number): Promise<string> {
  let chunks: Uint8Array[] = [];
  let held = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    held += chunk.length;
    if (held > 2 * limit) {
      chunks = [joined(chunks).slice(-limit)];
      held = limit;
    }
  }
  return new TextDecoder().decode(joined(chunks).slice(-limit));
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
