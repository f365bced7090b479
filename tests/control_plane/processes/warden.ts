/**
 * Sees to it that no process outlives us, however we end.
 *
 * The warden is a shell in a session of its own that reads process ids from a pipe we hold. When the pipe
 * closes (we ended, were killed, crashed), it kills the processes it still knows and removes the folder.
 */

import { systemPath } from "./system_path.ts";

const script = `
trap "" INT TERM HUP
known=""
while read -r verb pid; do
  if [ "$verb" = add ]; then
    known="$known $pid"
  else
    left=""
    for one in $known; do [ "$one" = "$pid" ] || left="$left $one"; done
    known="$left"
  fi
done
for one in $known; do kill -KILL "$one" 2>/dev/null; done
[ -z "$1" ] || rm -rf -- "$1"
`;

/** Kills the registered processes when this process ends. */
export class Warden {
  readonly #shell: Deno.ChildProcess;
  readonly #pipe: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;

  /** @param folder removed in the end; leave out to keep */
  constructor(folder?: string) {
    this.#shell = new Deno.Command("sh", {
      args: ["-c", script, "warden", folder ?? ""],
      env: { PATH: systemPath },
      stdin: "piped",
      stdout: "null",
      stderr: "null",
      detached: true, // Ctrl-C goes to the terminal's foreground group; the warden acts after us
    }).spawn();
    this.#shell.unref();
    this.#pipe = this.#shell.stdin.getWriter();
  }

  /** From now on this process does not outlive us. */
  async add(pid: number): Promise<void> {
    await this.#write(`add ${pid}\n`);
  }

  /** The process has ended by itself; its id may be given to another one. */
  async remove(pid: number): Promise<void> {
    await this.#write(`remove ${pid}\n`);
  }

  /** Kills what is left, removes the folder, ends the warden. */
  async close(): Promise<void> {
    this.#shell.ref();
    await this.#pipe.close();
    await this.#shell.status;
  }

  async #write(line: string): Promise<void> {
    await this.#pipe.write(new TextEncoder().encode(line));
  }
}
