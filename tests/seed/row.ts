/** A sentence or command of the page that this project started from, and what stands for its truth. */

export interface Row {
  /** As the page has it; white space does not count. */
  readonly text: string;
  readonly proof: Proof;
}

export type Proof =
  /** It says nothing that could be false: a heading, the head of a list. */
  | { readonly kind: "heading" }
  /** Tests that show it: file below the root, and a piece of the file that is the test's name. */
  | { readonly kind: "tests"; readonly tests: readonly (readonly [file: string, name: string])[] }
  /** The later issue that makes it true, and what is missing until then. */
  | { readonly kind: "later"; readonly issue: string; readonly missing: string };

export const heading = (text: string): Row => ({ text, proof: { kind: "heading" } });

/** Shown by tests, each given as `file: name`. */
export function shown(text: string, ...tests: readonly string[]): Row {
  const split = tests.map((test) => {
    const at = test.indexOf(": ");
    return [test.slice(0, at), test.slice(at + 2)] as const;
  });
  return { text, proof: { kind: "tests", tests: split } };
}

/** Shown by live tests of this folder: by name of `examples_test.ts`. */
export const example = (text: string, ...names: readonly string[]): Row =>
  shown(text, ...names.map((name) => `tests/seed/examples_test.ts: ${name}`));

/** Shown by live tests of this folder: by name of `commands_test.ts`. */
export const command = (text: string, ...names: readonly string[]): Row =>
  shown(text, ...names.map((name) => `tests/seed/commands_test.ts: ${name}`));

export const later = (text: string, issue: string, missing: string): Row => ({
  text,
  proof: { kind: "later", issue, missing },
});

/** Text without differences that do not count: white space, and the page's marks of headings. */
export const plain = (text: string): string =>
  text.replaceAll("¶", "").split(/\s+/).filter(Boolean).join(" ");
