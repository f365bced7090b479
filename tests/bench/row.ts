/** One figure of a bench, beside what is wanted; a figure that misses it makes the bench fail. */

export function row(what: string, figure: number, unit: string, limit?: number): void {
  if (limit !== undefined && !(figure <= limit)) Deno.exitCode = 1;
  const verdict = limit === undefined ? "" : figure <= limit ? `≤ ${limit}  reached` : `≤ ${limit}  MISSED`;
  const text = Number.isInteger(figure) ? String(figure) : figure.toFixed(2);
  console.log(`${what.padEnd(56)} ${`${text} ${unit}`.trimEnd().padEnd(14)} ${verdict}`.trimEnd());
}
