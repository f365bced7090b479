/**
 * Asks a port of loopback for its readiness ten times a second, as a kubelet does: an answer within a second, or it counts as none.
 * It ends when its standard input does, and prints what it has seen.
 */

import { delay } from "../../../lib/kube/backoff.ts";

/** What a prober has seen. */
export interface Seen {
  readonly asked: number;
  /** Answers other than 200, and none within a second. */
  readonly notReady: number;
  readonly longestMilliseconds: number;
}

/** A prober as a process of its own: the storm that its neighbour is in delays nothing here. */
export function startProber(port: number): { stop(): Promise<Seen> } {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-net", "--no-check", new URL(import.meta.url).pathname, String(port)],
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
  const seen = { asked: 0, notReady: 0, longestMilliseconds: 0 };
  let over = false;
  Deno.stdin.readable.pipeTo(new WritableStream()).finally(() => over = true);
  while (!over) {
    const began = performance.now();
    const ready = await fetch(`http://127.0.0.1:${Deno.args[0]}/readyz`, {
      signal: AbortSignal.timeout(1_000),
    })
      .then(async (answer) => (await answer.text(), answer.status === 200), () => false);
    seen.asked++;
    if (!ready) seen.notReady++;
    seen.longestMilliseconds = Math.max(seen.longestMilliseconds, Math.round(performance.now() - began));
    await delay(100);
  }
  console.log(JSON.stringify(seen));
}
