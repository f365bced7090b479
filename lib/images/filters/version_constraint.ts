/**
 * Version constraints of a source's filters (model-sources-and-config.md §3.4). The grammar is the specification's;
 * what precedes what is SemVer's, by npm:semver. Pure.
 */

// @ts-types="@types/semver"
import semver from "semver";

/** A version as SemVer 2.0 has it. */
export type Version = semver.SemVer;

/** Whether a version meets a constraint. */
export type VersionConstraint = (version: Version) => boolean;

/** A constraint that does not parse. The message quotes it and says what is wrong. */
export class ConstraintError extends Error {
  override readonly name = "ConstraintError";
}

/** Longest constraint that is read; the schema has no bound. */
const longest = 1024;

const number = "(?:0|[1-9]\\d*)";
const identifier = `(?:${number}|\\d*[A-Za-z-][0-9A-Za-z-]*)`;
const fullVersion = new RegExp(
  `^${number}\\.${number}\\.${number}(?:-${identifier}(?:\\.${identifier})*)?$`,
);

/**
 * The version that a tag says: one leading `v` aside, strict SemVer (no leading zeros, three numbers).
 * Undefined for any other tag, such as `latest` or `1.0`.
 */
export function versionOfTag(tag: string): Version | undefined {
  return strictVersion(tag.startsWith("v") ? tag.slice(1) : tag);
}

function strictVersion(text: string): Version | undefined {
  if (text.length > 256 || !fullVersion.test(text)) return undefined;
  return semver.parse(text) ?? undefined; // null where a number is too large to count
}

/**
 * Reads one entry of `versions`: comparisons joined by space or comma (all must hold) and `||` (one side must).
 *
 * A partial version is filled with zeros (`>=0.9` is `>=0.9.0`, as AIM Engine reads it); `x`, `X` and `*` stand for any
 * number (`1.2.x` is `>=1.2.0 <1.3.0`). Prereleases have no rule of their own: precedence alone counts.
 *
 * @throws ConstraintError
 */
export function parseConstraint(entry: string): VersionConstraint {
  if (entry.length > longest) {
    throw new ConstraintError(`the version constraint ${quoted(entry)} is too long`);
  }
  const sides = entry.split("||").map((side) => conjunction(side, entry));
  return (version) => sides.some((side) => side(version));
}

/** The comparisons between two `||`. */
function conjunction(side: string, entry: string): VersionConstraint {
  const parts = side.split(",").flatMap((part) => {
    const constraints = comparisons(part.trim(), entry);
    if (constraints.length === 0) throw fault(entry, "a part of it is empty");
    return constraints;
  });
  return (version) => parts.every((part) => part(version));
}

const comparison = /^(==|=|!=|!|<=|<|>=|>|~|\^)?\s*([^\s=!<>~^]+)(?:\s+|$)/;
const hyphen = /^-\s+([^\s=!<>~^]+)(?:\s+|$)/;

function comparisons(text: string, entry: string): VersionConstraint[] {
  const result: VersionConstraint[] = [];
  let rest = text;
  while (rest !== "") {
    const match = comparison.exec(rest);
    if (match === null) throw fault(entry, `${quoted(rest)} is no comparison with a version`);
    const [whole, operator = "", version] = match;
    rest = rest.slice(whole.length);
    const end = operator === "" ? hyphen.exec(rest) : null;
    if (end === null) result.push(compared(operator, partial(version, entry)));
    else {
      rest = rest.slice(end[0].length);
      result.push(compared(">=", partial(version, entry)), compared("<=", partial(end[1], entry)));
    }
  }
  return result;
}

/** A version of which numbers may be left out (`given` of them are there) or left open by a wildcard. */
interface Partial {
  readonly lowest: Version;
  readonly given: number;
  readonly open: boolean;
}

const partialText = new RegExp(
  `^v?(${number}|[xX*])(?:\\.(${number}|[xX*]))?(?:\\.(${number}|[xX*]))?(-[0-9A-Za-z.-]+)?(?:\\+[0-9A-Za-z.-]+)?$`,
);
const isOpen = (part: string | undefined) => part !== undefined && /^[xX*]$/.test(part);

function partial(text: string, entry: string): Partial {
  const match = partialText.exec(text);
  if (match === null) throw fault(entry, `${quoted(text)} is no version`);
  const parts = match.slice(1, 4).filter((part) => part !== undefined);
  const firstOpen = parts.findIndex(isOpen);
  const given = firstOpen < 0 ? parts.length : firstOpen;
  if (!parts.slice(given).every(isOpen)) {
    throw fault(entry, `in ${quoted(text)} a number follows a wildcard`);
  }
  const prerelease = match[4] ?? "";
  if (prerelease !== "" && given < 3) {
    throw fault(
      entry,
      `in ${quoted(text)} a prerelease follows an incomplete version; write all three numbers`,
    );
  }
  const numbers = [0, 1, 2].map((at) => at < given ? parts[at] : "0");
  const lowest = strictVersion(numbers.join(".") + prerelease);
  // One more than the largest number that can be counted is none.
  const isCountable = lowest !== undefined &&
    [lowest.major, lowest.minor, lowest.patch].every((each) => each < Number.MAX_SAFE_INTEGER);
  if (!isCountable) throw fault(entry, `${quoted(text)} is no version`);
  return { lowest, given, open: firstOpen >= 0 };
}

function compared(operator: string, { lowest, given, open }: Partial): VersionConstraint {
  // A wildcard alone leaves nothing for them to keep.
  if (given === 0 && (operator === "~" || operator === "^")) return () => true;
  if (operator === "~") return between(lowest, next(lowest, Math.min(given, 2)));
  if (operator === "^") return between(lowest, next(lowest, leadingZeros(lowest, given) + 1));
  if (open) return comparedToRange(operator, lowest, given);
  switch (operator) {
    case "!":
    case "!=":
      return (version) => semver.compare(version, lowest) !== 0;
    case "<":
      return (version) => semver.compare(version, lowest) < 0;
    case "<=":
      return (version) => semver.compare(version, lowest) <= 0;
    case ">":
      return (version) => semver.compare(version, lowest) > 0;
    case ">=":
      return (version) => semver.compare(version, lowest) >= 0;
    default:
      return (version) => semver.compare(version, lowest) === 0;
  }
}

/** A comparison with all versions that begin with the given numbers: a range without prereleases of its ends. */
function comparedToRange(operator: string, lowest: Version, given: number): VersionConstraint {
  const after = given === 0 ? undefined : new semver.SemVer(next(lowest, given).replace(/-0$/, ""));
  const isBefore = (version: Version) => after !== undefined && semver.compare(version, lowest) < 0;
  const isBehind = (version: Version) => after !== undefined && semver.compare(version, after) >= 0;
  switch (operator) {
    case "!":
    case "!=":
      return (version) => isBefore(version) || isBehind(version);
    case "<":
      return isBefore;
    case "<=":
      return (version) => !isBehind(version);
    case ">":
      return isBehind;
    case ">=":
      return (version) => !isBefore(version);
    default:
      return (version) => !isBefore(version) && !isBehind(version);
  }
}

/** `^` with nothing given allows all; how many of the given numbers are zero before the first that is not. */
function leadingZeros({ major, minor }: Version, given: number): number {
  if (major > 0 || given <= 1) return 0;
  return minor > 0 || given === 2 ? 1 : 2;
}

/** At least the first, below the second. */
function between(lowest: Version, end: string): VersionConstraint {
  const below = new semver.SemVer(end);
  return (version) => semver.compare(version, lowest) >= 0 && semver.compare(version, below) < 0;
}

/** The lowest of all versions whose first `kept` numbers are above these: its prereleases are not below it. */
function next({ major, minor, patch }: Version, kept: number): string {
  const numbers = [major, minor, patch].map((each, at) =>
    at < kept - 1 ? each : at === kept - 1 ? each + 1 : 0
  );
  return `${numbers.join(".")}-0`;
}

function fault(entry: string, problem: string): ConstraintError {
  return new ConstraintError(
    `the version constraint ${
      quoted(entry)
    } cannot be read: ${problem}; write it like ">=0.8.4", "~1.2.0", "1.2.x" or ">=1.0.0 <2.0.0 || 3.1.4"`,
  );
}

function quoted(text: string): string {
  return JSON.stringify((text.length > 80 ? `${text.slice(0, 80)}…` : text).toWellFormed());
}
