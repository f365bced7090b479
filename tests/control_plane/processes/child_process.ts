/** One program of the control plane as a process that can be ended, frozen and started again. */
import { systemPath } from "./system_path.ts";
import type { Warden } from "./warden.ts";

/** How to run a program. */
export interface ProcessSpec {
  /** Short name, for messages. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Output of the program is appended here. */
  readonly logFile: string;
  /** Whether the program does its work now; asked again until it says so. Errors count as no. */
  readonly ready?: () => Promise<boolean>;
  /** Milliseconds from start to ready, at most. Default 60,000. */
  readonly readyTimeout?: number;
}

/** A program that was started here. */
export class ChildProcess {
  readonly #spec: ProcessSpec;
  readonly #warden: Warden;
  readonly #ended: (message: string) => void;
  #child?: Deno.ChildProcess;
  #wanted = false;

  /** @param ended is told when the program ends although nobody asked it to */
  constructor(spec: ProcessSpec, warden: Warden, ended: (message: string) => void) {
    this.#spec = spec;
    this.#warden = warden;
    this.#ended = ended;
  }

  get name(): string {
    return this.#spec.name;
  }

  /** Where its output goes. */
  get logFile(): string {
    return this.#spec.logFile;
  }

  /** Id of the running process; none when it does not run. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts the program and waits until it is ready. Throws, with the end of its log, when it does not get there. */
  async start(): Promise<void> {
    if (this.#child) throw new Error(`${this.name} runs already`);
    const { program, args, env, logFile } = this.#spec;
    this.#wanted = true;
    const child = this.#child = new Deno.Command("sh", {
      // exec keeps the process id, so the id we hold is the program's own.
      args: ["-c", 'log=$1; shift; exec "$@" >>"$log" 2>&1', "sh", logFile, program, ...args],
      env: { PATH: systemPath, ...env },
      stdin: "null",
      stdout: "null",
      stderr: "null",
      detached: true, // the order of ending is ours, not the terminal's
    }).spawn();
    child.unref();
    await this.#warden.add(child.pid);
    child.status.then(async ({ code, signal }) => {
      this.#child = undefined;
      if (this.#wanted) {
        await this.#warden.remove(child.pid);
        this.#ended(
          `${this.name} ended by itself (${signal ?? `exit code ${code}`})\n${await this.#logTail()}`,
        );
      }
    });
    await this.#untilReady(child);
  }

  /**
   * Ends the program: the signal first, SIGKILL if it is still there after the grace period. Returns when it has
   * ended; at once when it does not run.
   */
  async stop(signal: Deno.Signal = "SIGTERM", graceMilliseconds = 5_000): Promise<void> {
    const child = this.#child;
    if (!child) return;
    this.#wanted = false;
    child.ref();
    send(child, signal);
    send(child, "SIGCONT"); // a frozen process gets the signal only when it runs on
    const timer = setTimeout(() => send(child, "SIGKILL"), graceMilliseconds);
    await child.status;
    clearTimeout(timer);
    this.#child = undefined;
    await this.#warden.remove(child.pid);
  }

  /** Ends it (at once, unless told otherwise), starts it with the same arguments, waits until it is ready. */
  async restart(signal: Deno.Signal = "SIGKILL"): Promise<void> {
    await this.stop(signal);
    await this.start();
  }

  /** Freezes it: connections stay open, nothing is answered. Returns when it stands still. */
  pause(): void {
    this.#signal("SIGSTOP");
    // Linux stops each thread by itself; one that is busy may still answer a request meanwhile.
    while (this.#child !== undefined && runningThreads(this.#child.pid) > 0) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }

  /** Ends a {@link pause}. */
  resume(): void {
    this.#signal("SIGCONT");
  }

  #signal(signal: Deno.Signal): void {
    if (!this.#child) throw new Error(`${this.name} does not run`);
    this.#child.kill(signal);
  }

  async #untilReady(child: Deno.ChildProcess): Promise<void> {
    const { ready, readyTimeout = 60_000 } = this.#spec;
    if (!ready) return;
    const deadline = performance.now() + readyTimeout;
    while (performance.now() < deadline) {
      if (this.#child !== child) throw new Error(`${this.name} did not start\n${await this.#logTail()}`);
      if (await ready().catch(() => false)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${this.name} was not ready after ${readyTimeout / 1000} s\n${await this.#logTail()}`);
  }

  async #logTail(): Promise<string> {
    const log = await Deno.readTextFile(this.logFile).catch(() => "");
    return `The end of ${this.logFile}:\n${log.trimEnd().split("\n").slice(-15).join("\n")}`;
  }
}

/** How many threads of a process are not stopped; 0 where no `/proc` tells, or the process has ended. */
function runningThreads(pid: number): number {
  try {
    return [...Deno.readDirSync(`/proc/${pid}/task`)].filter(({ name }) => isRunning(pid, name)).length;
  } catch {
    return 0;
  }
}

function isRunning(pid: number, thread: string): boolean {
  try {
    return !/\) [TZX] /.test(Deno.readTextFileSync(`/proc/${pid}/task/${thread}/stat`));
  } catch {
    return false; // it has ended meanwhile
  }
}

function send(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch { /* it has ended meanwhile */ }
}
