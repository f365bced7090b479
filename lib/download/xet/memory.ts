/** Memory that is used again and again: new one costs as much time as filling it. */
export class Memory {
  readonly #idle: ArrayBuffer[] = [];

  take(bytes: number): ArrayBuffer {
    const at = this.#idle.findIndex(({ byteLength }) => byteLength === bytes);
    return at < 0 ? new ArrayBuffer(bytes) : this.#idle.splice(at, 1)[0];
  }

  giveBack(memory: ArrayBuffer): void {
    this.#idle.push(memory);
  }
}
