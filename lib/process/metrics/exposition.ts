/** What scrapes are answered: made once for all who ask within a second, however many they are. */

export interface MetricsSource {
  readonly contentType: string;
  text(): Promise<string>;
}

/** Milliseconds. Nobody who scrapes in earnest asks more often. */
const freshFor = 1_000;

export class Exposition {
  #last: { readonly until: number; readonly bytes: Promise<Uint8Array> } | undefined;

  constructor(
    private readonly source: MetricsSource,
    private readonly monotonic: () => number = () => performance.now(),
  ) {}

  get contentType(): string {
    return this.source.contentType;
  }

  /** The text in UTF-8, a second old at most. All get the same bytes, so that slow readers cost no memory of their own. */
  bytes(): Promise<Uint8Array> {
    const now = this.monotonic();
    if (this.#last === undefined || this.#last.until <= now) {
      const bytes = this.source.text().then((text) => new TextEncoder().encode(text));
      this.#last = { until: now + freshFor, bytes };
      bytes.catch(() => this.#last = undefined);
    }
    return this.#last.bytes;
  }
}
