/** What XET storage says of how a range of a file is put together. */

/** `[start, end)`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Chunks of a block that can be had by one request. */
export interface Section {
  readonly url: string;
  /** The signature is for exactly these bytes. */
  readonly bytes: Span;
  readonly chunks: Span;
}

/** Chunks of a section that come next in the file. */
export interface Term {
  readonly section: Section;
  readonly chunks: Span;
}

export interface Reconstruction {
  /** Bytes of the first term that are before the range. */
  readonly skip: number;
  readonly terms: readonly Term[];
}

/** The answer of `GET /v2/reconstructions/{hash}`. Ranges of bytes there include their last one. */
interface Said {
  readonly offset_into_first_range: number;
  readonly terms: readonly { readonly hash: string; readonly range: Span }[];
  readonly xorbs: Readonly<
    Record<
      string,
      readonly {
        readonly url: string;
        readonly ranges: readonly { readonly chunks: Span; readonly bytes: Span }[];
      }[]
    >
  >;
}

/** Reads an answer. @throws Error that says what it lacks. */
export function readReconstruction(text: string): Reconstruction {
  const { offset_into_first_range: skip, terms, xorbs } = JSON.parse(text) as Said;
  const sections = new Map(
    Object.entries(xorbs).map(([hash, entries]) => [
      hash,
      entries.flatMap(({ url, ranges }): Section[] =>
        ranges.map(({ chunks, bytes }) => ({
          url,
          chunks,
          bytes: { start: bytes.start, end: bytes.end + 1 },
        }))
      ),
    ]),
  );
  return {
    skip,
    terms: terms.map(({ hash, range: chunks }) => {
      const section = sections.get(hash)?.find(({ chunks: { start, end } }) =>
        start <= chunks.start && chunks.end <= end
      );
      if (section !== undefined) return { section, chunks };
      throw new Error(`no address of the chunks ${chunks.start} to ${chunks.end} of block ${hash}`);
    }),
  };
}
