/**
 * Begins fifty scrapes a second of a port of loopback, and takes each answer slowly: a piece of it every twentieth of a second, so that
 * the whole takes as long as is said. It ends when its standard input does, and prints what became of the scrapes.
 */

import { delay } from "../../lib/kube/backoff.ts";

export interface ReadersTask {
  readonly port: number;
  /** How large an answer is, in bytes, and how long its reader takes for it. */
  readonly bytes: number;
  readonly milliseconds: number;
  /** The authority to trust, as PEM; absent: without TLS. */
  readonly authority?: string;
}

/** What became of the scrapes; those that were under way at the end are in `begun` alone. */
export interface Scrapes {
  readonly begun: number;
  readonly answered: number;
  /** 503: as many answers as may be were on their way. */
  readonly refused: number;
  /** No connection, another code, or an answer that broke off; with the first of their faults. */
  readonly failed: number;
  readonly fault?: string;
  /** Of the answered: from the first byte to the last. */
  readonly medianMilliseconds: number;
}

const scrapesASecond = 50;
const pause = 50;

export function startSlowReaders(task: ReadersTask): { stop(): Promise<Scrapes> } {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", new URL(import.meta.url).pathname, JSON.stringify(task)],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  return {
    stop: async () => {
      await child.stdin.close();
      return JSON.parse(new TextDecoder().decode((await child.output()).stdout));
    },
  };
}

if (import.meta.main) {
  const { port, bytes, milliseconds, authority } = JSON.parse(Deno.args[0]) as ReadersTask;
  const request = new TextEncoder().encode(
    "GET /metrics HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer x\r\nconnection: close\r\n\r\n",
  );
  const piece = Math.ceil(bytes / (milliseconds / pause));
  const seen = { begun: 0, answered: 0, refused: 0, failed: 0, fault: undefined as string | undefined };
  const took: number[] = [];

  const scrape = async (): Promise<void> => {
    const at = { hostname: "localhost", port };
    using connection = authority === undefined
      ? await Deno.connect(at)
      : await Deno.connectTls({ ...at, caCerts: [authority] });
    await connection.write(request);
    const chunk = new Uint8Array(piece);
    let head = "";
    let came = 0;
    let began = 0;
    for (let due = performance.now();; due += pause) {
      // A piece may come in parts.
      let size = 0;
      let read: number | null = 0;
      while (size < piece && (read = await connection.read(chunk.subarray(size))) !== null) size += read;
      if (came === 0) {
        began = performance.now();
        due = began;
        head = new TextDecoder().decode(chunk.subarray(0, 12));
      }
      came += size;
      if (read === null) break;
      await delay(Math.max(0, due + pause - performance.now()));
    }
    if (head.endsWith(" 503")) seen.refused++;
    else if (!head.endsWith(" 200") || came < bytes) throw new Error(`${head}, ${came} of ${bytes} bytes`);
    else {
      seen.answered++;
      took.push(performance.now() - began);
    }
  };

  const timer = setInterval(() => {
    seen.begun++;
    scrape().catch((error) => {
      seen.failed++;
      seen.fault ??= String(error);
    });
  }, 1_000 / scrapesASecond);
  await Deno.stdin.readable.pipeTo(new WritableStream());
  clearInterval(timer);
  const medianMilliseconds = Math.round(took.toSorted((a, b) => a - b)[took.length >> 1] ?? 0);
  console.log(JSON.stringify({ ...seen, medianMilliseconds } satisfies Scrapes));
  Deno.exit(0);
}
