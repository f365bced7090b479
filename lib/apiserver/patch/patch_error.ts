/** A patch that cannot be read (`malformed`), or that does not fit the object. The words are the API server's. */
export class PatchError extends Error {
  override readonly name = "PatchError";

  constructor(message: string, readonly malformed = false) {
    super(message);
  }
}
