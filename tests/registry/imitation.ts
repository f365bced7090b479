/** The imitated registries of `imitated_registries.ts` in a process of their own, so that their memory is not counted as ours. */

import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("./imitated_registries.ts", import.meta.url));

/** Requests that came since the last `set`, by what they asked for. */
export interface Told {
  readonly pages: number;
  readonly tags: number;
  /** Manifests of images. */
  readonly images: number;
  readonly unchanged: number;
  /** At most so many at a time. */
  readonly most: number;
}

export interface Imitation extends AsyncDisposable {
  /** Its address, with `http://`. */
  readonly base: string;
  readonly host: string;
  told(): Promise<Told>;
  /** How it answers from now on: a query of its `/set`. */
  set(query?: string): Promise<void>;
}

/** Starts it with so many repositories of so many tags. */
export async function startImitation(repositories: number, tags: number): Promise<Imitation> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--frozen", program, String(repositories), String(tags)],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await reader.read();
  const host = `127.0.0.1:${value.trim()}`;
  const at = async (path: string) => await (await fetch(`http://${host}${path}`)).text();
  return {
    base: `http://${host}`,
    host,
    told: async () => JSON.parse(await at("/told")),
    set: async (query = "") => void await at(`/set?${query}`),
    async [Symbol.asyncDispose]() {
      child.kill();
      await reader.cancel();
      await child.status;
    },
  };
}
