/** A program of ours in a folder of its own, by which everything that it starts can be recognised. */

import { fileURLToPath } from "node:url";
import { until } from "../control_plane/until.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** A running `deno run …`, its output in lines, and all its descendants. */
export class SandboxedProgram implements AsyncDisposable {
  readonly lines: string[] = [];
  readonly #read: Promise<void[]>;

  private constructor(private readonly child: Deno.ChildProcess, private readonly folder: string) {
    this.#read = Promise.all([this.#collect(child.stdout), this.#collect(child.stderr)]);
  }

  /** @param args of Deno, from the root of the checkout */
  static async start(args: readonly string[], env: Record<string, string> = {}): Promise<SandboxedProgram> {
    const folder = await Deno.makeTempDir({ prefix: "aim-sandboxed-" });
    const child = new Deno.Command(Deno.execPath(), {
      args: [...args],
      cwd: root,
      env: { ...env, TMPDIR: folder },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    return new SandboxedProgram(child, folder);
  }

  /** Waits for a line; fails with all there was if the program ends without it. */
  async says(pattern: RegExp, seconds = 180): Promise<string> {
    let ended = false;
    this.child.status.then(() => ended = true);
    const found = await until(`a line like ${pattern}`, () => {
      const line = this.lines.find((each) => pattern.test(each));
      return line ?? (ended ? "" : undefined);
    }, { seconds }).catch(() => "");
    if (found === "") throw new Error(`no line is like ${pattern}:\n${this.lines.join("\n")}`);
    return found;
  }

  signal(signal: Deno.Signal): void {
    this.child.kill(signal);
  }

  /** Its exit code, once it has ended and everything that it said has been read. */
  async ended(): Promise<number> {
    const { code } = await this.child.status;
    await this.#read;
    return code;
  }

  /** Command lines of the processes, itself included, that live now. */
  async processes(): Promise<string[]> {
    const found: string[] = [];
    for await (const { name } of Deno.readDir("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      try {
        if (!(await Deno.readTextFile(`/proc/${name}/environ`)).includes(`TMPDIR=${this.folder}`)) continue;
        found.push((await Deno.readTextFile(`/proc/${name}/cmdline`)).replaceAll("\0", " "));
      } catch { /* it has ended meanwhile */ }
    }
    return found.filter((commandLine) => commandLine !== ""); // of a process that is ending
  }

  /** What is left in its folder for temporary files. */
  async files(): Promise<string[]> {
    return (await Array.fromAsync(Deno.readDir(this.folder))).map(({ name }) => name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.child.kill("SIGTERM");
    } catch { /* it has ended */ }
    await this.ended();
    await Deno.remove(this.folder, { recursive: true });
  }

  async #collect(stream: ReadableStream<Uint8Array>): Promise<void> {
    let rest = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      this.lines.push(...lines);
    }
    if (rest !== "") this.lines.push(rest);
  }
}
