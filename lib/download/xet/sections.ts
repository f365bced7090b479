/** The sections of a file as its terms need them: asked for ahead, read on where the term before has stopped, kept if small. */

import type { Body } from "../transfer/body.ts";
import type { Memory } from "./memory.ts";
import type { Section, Span, Term } from "./reconstruction.ts";
import { Kept, type PackedBatch, SectionReader, type Source } from "./section_reader.ts";

/** Sections up to so many bytes are kept, the last few of them: parts that repeat, such as zeros, are small. */
const smallBytes = 2 ** 20;
const mostKept = 8;

/** Sections that are open at a time: in a file that was changed here and there, terms take turns between a few. */
const mostOpen = 4;

export class Sections {
  readonly #terms: readonly Term[];
  readonly #bodyOf: (section: Section) => Promise<Body>;
  readonly #memory: Memory;
  /** The next, asked for while another is read: its answer waits in the network. */
  #ahead: { readonly section: Section; readonly body: Promise<Body> } | undefined;
  readonly #open = new Map<Section, SectionReader>();
  readonly #kept = new Map<Section, Uint8Array>();
  #closed = false;

  constructor(terms: readonly Term[], bodyOf: (section: Section) => Promise<Body>, memory: Memory) {
    this.#terms = terms;
    this.#bodyOf = bodyOf;
    this.#memory = memory;
  }

  /** Asks for the first one. @throws what the asking throws. */
  async begin(): Promise<void> {
    this.#askFor(this.#terms[0]);
    await this.#ahead?.body;
  }

  /** The chunks of all terms, packed. */
  async *batches(): AsyncGenerator<PackedBatch> {
    for (const [index, { section, chunks }] of this.#terms.entries()) {
      const reader = await this.#readerOf(section, chunks);
      this.#askFor(this.#terms[index + 1]);
      while (reader.index < chunks.end) yield await reader.next(chunks);
      if (reader.index === section.chunks.end) this.#close(section);
    }
  }

  close(): void {
    this.#closed = true;
    for (const section of this.#open.keys()) this.#close(section);
    this.#ahead?.body.then((body) => body.close(), () => {});
    this.#ahead = undefined;
  }

  #askFor(term: Term | undefined): void {
    if (term === undefined || this.#ahead?.section === term.section) return;
    const { section } = term;
    if (this.#kept.has(section) || this.#isAt(section, term.chunks)) return;
    const body = this.#bodyOf(section);
    body.catch(() => {}); // told when it is opened
    this.#ahead?.body.then((body) => body.close(), () => {});
    this.#ahead = { section, body };
  }

  /** Whether a section is open, at these chunks or before them. */
  #isAt(section: Section, chunks: Span): boolean {
    const reader = this.#open.get(section);
    return reader !== undefined && reader.index <= chunks.start;
  }

  async #readerOf(section: Section, chunks: Span): Promise<SectionReader> {
    const open = this.#open.get(section);
    this.#open.delete(section); // to be the youngest
    if (open !== undefined && open.index > chunks.start) open.close();
    const goesOn = open !== undefined && open.index <= chunks.start;
    const reader = goesOn ? open : new SectionReader(section, await this.#sourceOf(section), this.#memory);
    if (this.#closed) { // while it was being opened
      reader.close();
      throw new Error("it was closed");
    }
    for (const [eldest] of this.#open) {
      if (this.#open.size < mostOpen) break;
      this.#close(eldest);
    }
    this.#open.set(section, reader);
    return reader;
  }

  async #sourceOf(section: Section): Promise<Source> {
    const known = this.#kept.get(section);
    if (known !== undefined) return new Kept(known);
    let body: Body;
    if (this.#ahead?.section === section) {
      body = await this.#ahead.body;
      this.#ahead = undefined;
    } else body = await this.#bodyOf(section);
    const { start, end } = section.bytes;
    if (end - start > smallBytes) return body;
    const bytes = await wholeOf(body, end - start);
    this.#kept.set(section, bytes);
    const [eldest] = this.#kept.keys();
    if (this.#kept.size > mostKept) this.#kept.delete(eldest);
    return new Kept(bytes);
  }

  #close(section: Section): void {
    this.#open.get(section)?.close();
    this.#open.delete(section);
  }
}

async function wholeOf(body: Body, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  try {
    for (let at = 0, read: number; at < length; at += read) {
      read = await body.read({ bytes, giveBack: () => {} }, at, length);
      if (read === 0) throw new Error(`a block breaks off at byte ${at} of ${length}`);
    }
  } finally {
    body.close();
  }
  return bytes;
}
