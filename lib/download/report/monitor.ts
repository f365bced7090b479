/** Watches over all attempts of a download: tells progress, ends what stands still, and adapts the number of connections. */

import { Connections } from "../transfer/connections.ts";
import { DownloadFailure } from "../failure.ts";
import type { Log } from "./log.ts";
import { Patience } from "../transfer/patience.ts";
import { Progress } from "../transfer/progress.ts";
import type { Settings } from "../settings.ts";
import type { OwnStatus } from "./status_report.ts";

export interface MonitorOptions {
  readonly settings: Settings;
  readonly log: Log;
  /** Where progress is told, besides the log. */
  readonly report: (status: OwnStatus) => void;
}

/** A user who has just made the artifact waits for a first sign of life. In milliseconds. */
const firstReportAfter = 250;

export class Monitor {
  readonly connections = new Connections();
  readonly log: Log;
  readonly #settings: Settings;
  readonly #report: MonitorOptions["report"];
  readonly #timer: ReturnType<typeof setInterval>;
  progress = new Progress(0);
  #expecting = false;
  #firstReport: ReturnType<typeof setTimeout> | undefined;
  #current:
    | { readonly name: string; readonly stop: AbortController; readonly patience: Patience }
    | undefined;
  #seconds = 0;
  #receivedBefore = 0;

  constructor({ settings, log, report }: MonitorOptions) {
    this.#settings = settings;
    this.log = log;
    this.#report = report;
    this.#timer = setInterval(() => this.#second(), 1000);
  }

  /** From here on there is something to tell: so many bytes are to come. */
  expect(bytes: number): void {
    this.#expecting = true;
    this.progress = new Progress(bytes);
    clearTimeout(this.#firstReport);
    this.#firstReport = setTimeout(() => this.#tell(), firstReportAfter);
  }

  /**
   * Runs an attempt, and ends it when no byte has come for too long.
   * @param name what is going on, for people.
   */
  async attempt<T>(name: string, run: (signal: AbortSignal, patience: Patience) => Promise<T>): Promise<T> {
    const stop = new AbortController();
    const { log, progress, connections } = this;
    const patience = new Patience({ log, progress, connections });
    this.#current = { name, stop, patience };
    progress.grow();
    try {
      return await run(stop.signal, patience);
    } finally {
      this.#current = undefined;
    }
  }

  /** Everything is there: stops watching, since nothing grows any more, and tells 100 %. */
  finish(): void {
    this.close();
    const { total } = this.progress;
    this.#report({
      progress: { percentage: 100, displayPercentage: "100 %", downloadedBytes: total, totalBytes: total },
    });
  }

  close(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#firstReport);
  }

  #second(): void {
    const { progress } = this;
    progress.sample();
    this.connections.turn(progress.received - this.#receivedBefore);
    this.#receivedBefore = progress.received;
    if (this.#current !== undefined && progress.stillSeconds >= this.#settings.stallSeconds) {
      this.#current.stop.abort(stalled(this.#settings, this.#current.patience));
    }
    if (++this.#seconds % Math.ceil(this.#settings.progressSeconds) === 0 && this.#expecting) this.#tell();
  }

  #tell(): void {
    const { percentage, stored, total, pace } = this.progress;
    this.log(`Progress: ${percentage}% (${stored}/${total} bytes), ${pace}`);
    this.#report({
      progress: {
        percentage,
        displayPercentage: `${percentage} %`,
        downloadedBytes: stored,
        totalBytes: total,
      },
      ...(this.#current === undefined ? {} : { download: { message: `${this.#current.name}: ${pace}` } }),
    });
  }
}

/** What an attempt says that no byte has moved for too long; with what went wrong last, if anything did. */
export function stalled({ stallSeconds }: Settings, { lastFailure }: Patience): DownloadFailure {
  const why = lastFailure === undefined ? "" : `; the last trouble was: ${lastFailure.message}`;
  return new DownloadFailure(
    lastFailure?.class ?? "network",
    `stalled: nothing came for ${stallSeconds} s (STALL_TIMEOUT)${why}`,
  );
}
