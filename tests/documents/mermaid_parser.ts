/**
 * Parses diagrams with Mermaid itself. A program of its own, with a lockfile of its own: Mermaid and its hundred
 * packages are no dependency of the operator's.
 *
 * In: diagrams, as a JSON list of texts, on stdin. Out: a JSON list of what is wrong with each, or null.
 */

// Computed, so that the repository's own lockfile hears nothing of them.
const packages = ["npm:dompurify@3.5.0", "npm:mermaid@12.3.0"];
const [{ default: purify }, { default: mermaid }] = await Promise.all(packages.map((name) => import(name)));

// The parser cleans labels, for which DOMPurify wants a browser; here nothing is shown to anybody.
Object.assign(purify, { addHook: () => {}, removeHook: () => {}, sanitize: (text: string) => text });

const diagrams: string[] = await new Response(Deno.stdin.readable).json();
const faults: (string | null)[] = [];
for (const diagram of diagrams) {
  faults.push(await mermaid.parse(diagram).then(() => null, (error: Error) => error.message));
}
console.log(JSON.stringify(faults));
