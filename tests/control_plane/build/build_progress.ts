/**
 * Progress of a build in lines a person can follow: what is being built, which step of how many, the time so
 * far and the time that is probably left.
 */

/** Reports the steps of a build whose usual durations are known. */
export class BuildProgress {
  readonly #usual: readonly number[];
  readonly #log: (line: string) => void;
  readonly #started: number;
  /** Usual seconds of the finished steps, and what they took here: this machine's pace. */
  #usualDone = 0;
  #secondsDone = 0;

  /**
   * @param usual usual seconds of each step
   * @param log receives the lines
   */
  constructor(usual: readonly number[], log: (line: string) => void) {
    this.#usual = usual;
    this.#log = log;
    this.#started = performance.now();
  }

  /** Runs one step and reports it; a step that another process did meanwhile is simply short. */
  async step(index: number, title: string, work: () => Promise<void>): Promise<void> {
    const started = performance.now();
    const seconds = () => (performance.now() - started) / 1000;
    const place = `[${index + 1}/${this.#usual.length}]`;
    const report = () => {
      const left = duration(secondsLeft(this.#usual, index, seconds(), this.#pace()));
      this.#log(`${place} ${title}: ${duration(this.#total())} so far, about ${left} left`);
    };
    report();
    const timer = setInterval(report, 10_000);
    try {
      await work();
    } finally {
      clearInterval(timer);
    }
    this.#usualDone += this.#usual[index];
    this.#secondsDone += seconds();
    this.#log(`${place} ${title} done in ${duration(seconds())}`);
  }

  #total(): number {
    return (performance.now() - this.#started) / 1000;
  }

  #pace(): number {
    return this.#usualDone === 0 ? 1 : this.#secondsDone / this.#usualDone;
  }
}

/**
 * Seconds that are probably left, when step `index` has run for `elapsed` seconds and this machine takes `pace`
 * times the usual time. A step that takes longer than usual counts as nearly done.
 */
export function secondsLeft(usual: readonly number[], index: number, elapsed: number, pace: number): number {
  const later = usual.slice(index + 1).reduce((sum, seconds) => sum + seconds, 0) * pace;
  return Math.max(usual[index] * pace - elapsed, 1) + later;
}

/** `75` → `1 min 15 s`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
