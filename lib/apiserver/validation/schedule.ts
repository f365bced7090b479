/** Schedules of CronJobs: five fields, each a list of numbers, ranges and steps. */
import { invalidValue, requiredValue } from "../schema/field_error.ts";
import { type Errors, none } from "./values.ts";

const fields = [
  { least: 0, most: 59, names: [] },
  { least: 0, most: 23, names: [] },
  { least: 1, most: 31, names: [] },
  { least: 1, most: 12, names: "jan feb mar apr may jun jul aug sep oct nov dec".split(" ") },
  { least: 0, most: 6, names: "sun mon tue wed thu fri sat".split(" ") },
];
const words = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

export function scheduleErrors(value: unknown, path: string): Errors {
  const schedule = String(value ?? "");
  if (schedule === "") return [requiredValue(path)];
  const problem = problemOf(schedule);
  return problem === undefined ? none : [invalidValue(path, schedule, problem)];
}

function problemOf(schedule: string): string | undefined {
  if (schedule.includes("TZ=")) return "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
  if (words.includes(schedule) || /^@every \S+$/.test(schedule)) return undefined;
  if (schedule.startsWith("@")) return `unrecognized descriptor: ${schedule}`;
  const parts = schedule.trim().split(/\s+/);
  if (parts.length !== 5) return `expected exactly 5 fields, found ${parts.length}: [${parts.join(" ")}]`;
  for (const [i, part] of parts.entries()) {
    for (const range of part.split(",")) {
      const problem = rangeProblem(range, fields[i]);
      if (problem !== undefined) return problem;
    }
  }
  return undefined;
}

function rangeProblem(range: string, { least, most, names }: typeof fields[number]): string | undefined {
  const [span, step, ...more] = range.split("/");
  if (more.length > 0) return `too many slashes: ${range}`;
  const ends = span.split("-");
  if (ends.length > 2) return `too many hyphens: ${range}`;
  let [from, to] = [least, most];
  if (span !== "*" && span !== "?") {
    const read = ends.map((end) => {
      const named = names.indexOf(end.toLowerCase() as never);
      return named >= 0 ? named + least : /^\d+$/.test(end) ? Number(end) : undefined;
    });
    const bad = read.indexOf(undefined);
    if (bad >= 0) {
      return `failed to parse int from ${ends[bad]}: strconv.Atoi: parsing ${
        JSON.stringify(ends[bad])
      }: invalid syntax`;
    }
    from = read[0]!;
    to = read[1] ?? (step === undefined ? from : most);
  }
  if (step !== undefined && !/^\d+$/.test(step)) {
    return `failed to parse int from ${step}: strconv.Atoi: parsing ${JSON.stringify(step)}: invalid syntax`;
  }
  if (from < least) return `beginning of range (${from}) below minimum (${least}): ${range}`;
  if (to > most) return `end of range (${to}) above maximum (${most}): ${range}`;
  if (from > to) return `beginning of range (${from}) beyond end of range (${to}): ${range}`;
  return step === "0" ? `step of range should be a positive number: ${range}` : undefined;
}
