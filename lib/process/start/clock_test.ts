import assert from "node:assert/strict";
import { clockCheck } from "./clock.ts";

const noon = Date.parse("2026-11-29T12:00:00Z");
const at = (milliseconds: number) => new Date(milliseconds).toUTCString();

/** What is told of answers with these dates, at noon. */
function told(...dates: (string | undefined)[]): string[] {
  const all: string[] = [];
  const check = clockCheck(() => noon, (fault) => all.push(fault.split(":")[0]));
  for (const date of dates) check({ date });
  return all;
}

const rows: [what: string, dates: (string | undefined)[], told: string[]][] = [
  ["the same time", [at(noon)], []],
  ["a slow answer", [at(noon - 59_000)], []],
  ["ten minutes ahead", [at(noon - 600_000)], ["this machine's clock is 10 min ahead of the API server's"]],
  ["ten minutes behind", [at(noon + 600_000)], ["this machine's clock is 10 min behind the API server's"]],
  ["once, whatever comes after", [at(noon - 600_000), at(noon - 600_000)], [
    "this machine's clock is 10 min ahead of the API server's",
  ]],
  ["an answer without a date is none", [undefined, at(noon - 600_000)], [
    "this machine's clock is 10 min ahead of the API server's",
  ]],
  ["nonsense", ["yesterday"], []],
];
for (const [what, dates, expected] of rows) {
  Deno.test(`the clock: ${what}`, () => assert.deepEqual(told(...dates), expected));
}
