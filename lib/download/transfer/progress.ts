/** How far a download is: what is told every few seconds, and when it stands still (caching-and-artifacts.md §6.4). */

/** Bytes a second are those of about the last so many seconds. */
const window = 20;

/** Counts the bytes of all attempts. Times are milliseconds of a monotonic clock. */
export class Progress {
  /** Bytes that the whole download has. */
  readonly total: number;
  readonly #now: () => number;
  #received = 0;
  #stored = 0;
  #lastGrowth: number;
  /** What was received by when, newest last. */
  #samples: { readonly at: number; readonly received: number }[] = [];

  constructor(total: number, now: () => number = () => performance.now()) {
    this.total = total;
    this.#now = now;
    this.#lastGrowth = now();
  }

  /** Bytes that came from the source. */
  get received(): number {
    return this.#received;
  }

  /** Bytes on the volume that count. */
  get stored(): number {
    return this.#stored;
  }

  /** Bytes came. */
  receive(bytes: number): void {
    this.#received += bytes;
    this.grow();
  }

  /** Bytes are on the volume, or, negative, were thrown away. */
  store(bytes: number): void {
    this.#stored += bytes;
  }

  /** Another attempt begins: so many bytes are on the volume and known to be right. */
  restart(stored: number): void {
    this.#stored = stored;
  }

  /** Something goes on that takes its time, such as reading what is there. */
  grow(): void {
    this.#lastGrowth = Math.max(this.#lastGrowth, this.#now()); // a pause stays, though late bytes come
  }

  /** The server asked for a pause: standing still until then is no fault. */
  pauseUntil(at: number): void {
    this.#lastGrowth = Math.max(this.#lastGrowth, at);
  }

  /** Seconds without growth. */
  get stillSeconds(): number {
    return Math.max(0, (this.#now() - this.#lastGrowth) / 1000);
  }

  /** Whole percent, at most 99: only a verified download is at 100. */
  get percentage(): number {
    if (this.total <= 0) return 0;
    return Math.max(0, Math.min(99, Math.floor(this.#stored * 100 / this.total)));
  }

  /** To be called about once a second, for the speed. */
  sample(): void {
    const at = this.#now();
    this.#samples.push({ at, received: this.#received });
    this.#samples = this.#samples.filter((sample) => at - sample.at <= window * 1000);
  }

  /** Bytes a second of the last while. */
  get bytesPerSecond(): number {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.at === first.at) return 0;
    return (last.received - first.received) / ((last.at - first.at) / 1000);
  }

  /** Seconds until everything has come at this speed; undefined while nothing comes. */
  get secondsLeft(): number | undefined {
    const speed = this.bytesPerSecond;
    return speed > 0 ? Math.max(0, this.total - this.#stored) / speed : undefined;
  }

  /** Speed and time left, e.g. `512 MB/s, 3 min left`. At the first sample there is no speed yet. */
  get pace(): string {
    if (this.#samples.length < 2) return "just begun";
    const left = this.secondsLeft;
    return `${speedText(this.bytesPerSecond)}${left === undefined ? "" : `, ${durationText(left)} left`}`;
  }
}

/** `512 MB/s`, in powers of 1000 as networks count. */
export function speedText(bytesPerSecond: number): string {
  const units = ["B", "kB", "MB", "GB"];
  let value = bytesPerSecond;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : value.toFixed(0)} ${units[unit]}/s`;
}

/** `45 s`, `3 min`, `2 h 5 min`. */
export function durationText(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
