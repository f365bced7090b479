/** What scrapes are answered: made once for all who ask within a second or more, however many they are. */

export interface MetricsSource {
  readonly contentType: string;
  text(): Promise<string>;
}

/** Milliseconds. Nobody who scrapes in earnest asks more often. */
const leastFresh = 1_000;
const mostFresh = 5_000;
/** So many times as long as it was made, a text counts as fresh: making takes a fiftieth of the time at most. */
const restAfterWork = 50;

export class Exposition {
  #last: { until: number; readonly bytes: Promise<Uint8Array> } | undefined;

  constructor(
    private readonly source: MetricsSource,
    private readonly monotonic: () => number = () => performance.now(),
  ) {}

  get contentType(): string {
    return this.source.contentType;
  }

  /**
   * The text in UTF-8: a second old at most, and older where it is much work. All get the same bytes, so that slow readers cost
   * no memory of their own.
   */
  bytes(): Promise<Uint8Array> {
    const began = this.monotonic();
    if (this.#last === undefined || this.#last.until <= began) {
      const bytes = this.source.text().then((text) => new TextEncoder().encode(text));
      const made = this.#last = { until: began + leastFresh, bytes };
      bytes.then(
        () => made.until = began + freshFor(this.monotonic() - began),
        () => this.#last = undefined,
      );
    }
    return this.#last.bytes;
  }
}

/** How long a text counts as fresh that was made in so many milliseconds. */
function freshFor(milliseconds: number): number {
  return Math.min(mostFresh, Math.max(leastFresh, restAfterWork * milliseconds));
}
