/** A value in an object that does not read as what it should be. The message is made for the object's status. */
export class ValueError extends Error {
  override readonly name = "ValueError";
  /** The value as it was written. */
  readonly value: unknown;
  /** What to do about it. */
  readonly remedy: string;

  constructor(message: string, value: unknown, remedy: string) {
    super(message);
    this.value = value;
    this.remedy = remedy;
  }
}
