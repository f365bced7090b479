/** What the page that this project started from promises, in our own words, and the tests that show it. */

export interface Claim {
  readonly claim: string;
  readonly shownBy: readonly Test[];
  /** What is missing until the claim is true. Such a claim needs no test yet. */
  readonly missing?: string;
}

/** A test by its file, below the root, and the beginning of its name, as the file writes it. */
export interface Test {
  readonly file: string;
  readonly name: string;
  /** Of a test that runs for each row of a table: the row, by a text of it, and the file that has it. */
  readonly row?: { readonly file: string; readonly text: string };
}

/** Claims by the heading of the page below which it makes them. */
export type Claims = Readonly<Record<string, readonly Claim[]>>;

/** A test of a unit or of another room. */
export const test = (file: string, name: string, row?: string): Test => ({
  file,
  name,
  ...(row === undefined ? {} : { row: { file, text: row } }),
});

/** A live test of bad input: a row of its table. */
export const refused = (row: string): Test => ({
  file: "tests/e2e/bad_input_test.ts",
  name: "${what}: the service is ${status} and says why",
  row: { file: "tests/e2e/bad_rows.ts", text: row },
});

/** A live test of `examples_test.ts`. */
export const example = (name: string): Test => test("tests/seed/examples_test.ts", name);

/** A live test of `commands_test.ts`. */
export const command = (name: string): Test => test("tests/seed/commands_test.ts", name);

export function claim(claim: string, ...shownBy: readonly Test[]): Claim {
  return { claim, shownBy };
}

export function later(claim: string, missing: string): Claim {
  return { claim, shownBy: [], missing };
}
