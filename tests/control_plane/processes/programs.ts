/** The programs beside a cluster: they end with it, and it ends at a signal. */

import { join } from "node:path";
import { ChildProcess, type ProcessSpec } from "./child_process.ts";
import type { Warden } from "./warden.ts";

/** A program, whose log has a place of its own unless it is said where it is. */
export type ProgramSpec = Omit<ProcessSpec, "logFile"> & { logFile?: string };

export class Programs {
  readonly #started: ChildProcess[] = [];

  /**
   * @param logs the folder of their logs
   * @param log is told of one that ends by itself
   */
  constructor(
    private readonly logs: string,
    private readonly warden: Warden,
    private readonly log: (line: string) => void,
  ) {}

  /** Starts a program and waits until it is ready. However this process ends, it does not outlive it. */
  async run(spec: ProgramSpec): Promise<ChildProcess> {
    const logFile = spec.logFile ?? join(this.logs, `${spec.name}.log`);
    const process = new ChildProcess({ ...spec, logFile }, this.warden, this.log);
    this.#started.push(process);
    await process.start();
    return process;
  }

  /** One that was started, by its name. */
  process(name: string): ChildProcess {
    const found = this.#started.find((process) => process.name === name);
    if (!found) throw new Error(`${name} was not started here`);
    return found;
  }

  get pids(): number[] {
    return this.#started.flatMap(({ pid }) => pid ?? []);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#started.map((process) => process.stop()));
  }
}

/**
 * Ends something at the first SIGINT or SIGTERM, then this process with 130.
 *
 * @returns what makes signals end this process at once again
 */
export function endAtSignal(stop: () => Promise<void>): () => void {
  const signals: Deno.Signal[] = ["SIGINT", "SIGTERM"];
  const onSignal = async () => {
    await stop();
    Deno.exit(130);
  };
  for (const signal of signals) Deno.addSignalListener(signal, onSignal);
  return () => {
    for (const signal of signals) Deno.removeSignalListener(signal, onSignal);
  };
}
