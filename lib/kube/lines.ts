/**
 * Cuts a stream of bytes into lines of text. It looks for the newline byte, which never occurs inside of a
 * UTF-8 sequence, and decodes whole lines only: chunks may end anywhere.
 */
export class LineSplitter {
  #pieces: Uint8Array[] = [];
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });

  /**
   * Takes the next chunk and gives the lines that it completes, without their newline; empty lines are
   * left out.
   * @throws TypeError if a line is not UTF-8.
   */
  push(chunk: Uint8Array): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const line = this.#decode(chunk.subarray(start, end));
      if (line !== "") lines.push(line);
      start = end + 1;
    }
    if (start < chunk.length) this.#pieces.push(start === 0 ? chunk : chunk.slice(start));
    return lines;
  }

  /** What came after the last newline. */
  rest(): string {
    return this.#decode(new Uint8Array(0));
  }

  #decode(last: Uint8Array): string {
    if (this.#pieces.length === 0) return this.#decoder.decode(last);
    const pieces = [...this.#pieces, last];
    this.#pieces = [];
    const whole = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    return this.#decoder.decode(whole);
  }
}
