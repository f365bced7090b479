/** The program as a process whose end a test looks at. */

import { fileURLToPath } from "node:url";
import { denoFlagsWith } from "../../lib/process/permissions.ts";
import { until } from "../control_plane/until.ts";
import { deno, packages } from "../packages.ts";

const mod = fileURLToPath(new URL("../../mod.ts", import.meta.url));

export interface ProgramOptions {
  readonly read?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Where its packages are, having been fetched: as in its image, it fetches nothing when it runs. */
const fetched = fetchedPackages();

/**
 * Fetches the program's packages with our whole environment, in which a private registry or a proxy may be named,
 * and says what Deno must know to find them again: its cache, which is divided by registry, and the registry.
 */
function fetchedPackages(): { readonly DENO_DIR: string; readonly NPM_CONFIG_REGISTRY: string } {
  deno("cache", "--frozen", mod);
  const { folder, registry } = packages();
  return { DENO_DIR: folder, NPM_CONFIG_REGISTRY: registry };
}

export class Program implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #told: Promise<void>[];
  stdout = "";
  stderr = "";

  /** Starts it with exactly the operator's permissions, and nothing of our environment but where its packages are. */
  constructor(args: readonly string[], { read = [], env = {} }: ProgramOptions = {}) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--cached-only", "--frozen", ...denoFlagsWith({ read }), mod, ...args],
      clearEnv: true,
      env: { PATH: Deno.env.get("PATH") ?? "", NO_COLOR: "1", ...fetched, ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#told = [
      this.#collect(this.#child.stdout, (text) => this.stdout += text),
      this.#collect(this.#child.stderr, (text) => this.stderr += text),
    ];
  }

  /** Waits for a line of its log. */
  async said(pattern: RegExp): Promise<void> {
    await until(`the log has ${pattern}`, () => pattern.test(this.stderr)).catch((error) => {
      throw new Error(`${error.message}\n${this.stderr}`);
    });
  }

  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Its exit code, once all that it said is here. */
  async ended(): Promise<number> {
    const { code } = await this.#child.status;
    await Promise.all(this.#told);
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch { /* it has ended */ }
    await this.ended();
  }

  async #collect(stream: ReadableStream<Uint8Array>, take: (text: string) => void): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) take(text);
  }
}
