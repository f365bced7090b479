/**
 * Durations as Go writes and reads them (api.md §9.1), and the narrower form of the Gateway API.
 */
import { ValueError } from "./value_error.ts";

/** A length of time in nanoseconds, within 64 bits. */
export type Nanoseconds = bigint;

const nanosecondsPerUnit = new Map<string, bigint>([
  ["ns", 1n],
  ["us", 1_000n],
  ["\u00b5s", 1_000n],
  ["\u03bcs", 1_000n],
  ["ms", 1_000_000n],
  ["s", 1_000_000_000n],
  ["m", 60_000_000_000n],
  ["h", 3_600_000_000_000n],
]);
const [microsecond, millisecond, second, minute, hour] = [
  1_000n,
  1_000_000n,
  1_000_000_000n,
  60_000_000_000n,
  3_600_000_000_000n,
];
const largest = 2n ** 63n - 1n;

const wholeText = /^([+-]?)((?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+|0)$/;
const part = /(\d*)\.?(\d*)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/g;

/**
 * Reads a Go duration: an optional sign, then numbers with a unit each (`1h30m`, `1.5s`), or just `0`.
 * @throws ValueError when `text` is none, or is longer than 64 bits of nanoseconds (about 292 years).
 */
export function parseDuration(text: string): Nanoseconds {
  const match = wholeText.exec(text);
  if (match === null) {
    throw new ValueError(
      `${JSON.stringify(text)} is not a duration`,
      text,
      "write numbers with the units ms, s, m or h, e.g. 90s or 1h30m",
    );
  }
  const [, sign, parts] = match;
  let total = 0n;
  for (const [, whole, fraction, unit] of parts.matchAll(part)) {
    const size = nanosecondsPerUnit.get(unit)!;
    total += BigInt(whole || "0") * size + fractionOf(fraction, size);
  }
  const negative = sign === "-";
  if (total > largest + (negative ? 1n : 0n)) {
    throw new ValueError(`${JSON.stringify(text)} is too long for a duration`, text, "choose a shorter one");
  }
  return negative ? -total : total;
}

/** `0.<digits>` of a unit; Go computes it in floating point and cuts, and so does this. */
function fractionOf(digits: string, unit: bigint): bigint {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    const next = value * 10n + BigInt(digit);
    if (next > largest) break;
    value = next;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(value) * (Number(unit) / scale)));
}

/** The normal form of Go: `120s` becomes `2m0s`, `1500ms` becomes `1.5s`, nothing becomes `0s`. */
export function formatDuration(duration: Nanoseconds): string {
  if (duration < 0n) return `-${formatDuration(-duration)}`;
  if (duration === 0n) return "0s";
  if (duration < microsecond) return `${duration}ns`;
  if (duration < millisecond) return decimal(duration, microsecond) + "\u00b5s";
  if (duration < second) return decimal(duration, millisecond) + "ms";
  const hours = duration / hour;
  const minutes = duration % hour / minute;
  const seconds = decimal(duration % minute, second) + "s";
  if (hours > 0n) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0n ? `${minutes}m${seconds}` : seconds;
}

function decimal(value: bigint, unit: bigint): string {
  const digits = String(unit).length - 1;
  const fraction = String(value % unit).padStart(digits, "0").replace(/0+$/, "");
  return fraction === "" ? `${value / unit}` : `${value / unit}.${fraction}`;
}

/**
 * The form that the Gateway API takes: as Go writes it, but whole numbers only, so that a fraction of a second
 * is counted in milliseconds: `1.5s` becomes `1s500ms` (services.md §9).
 * @throws ValueError for a negative duration, one with a part smaller than a millisecond, or one over 99999 hours.
 */
export function formatGatewayDuration(duration: Nanoseconds): string {
  if (duration < 0n) throw notForGateway(duration, "is negative", "choose 0s or more");
  if (duration % millisecond !== 0n) {
    throw notForGateway(duration, "is finer than a millisecond", "round it to milliseconds");
  }
  if (duration / hour > 99_999n) throw notForGateway(duration, "is too long", "choose 99999h or less");
  const wholeSeconds = duration / second * second;
  const milliseconds = duration % second / millisecond;
  if (milliseconds === 0n) return formatDuration(duration);
  return `${wholeSeconds === 0n ? "" : formatDuration(wholeSeconds)}${milliseconds}ms`;
}

function notForGateway(duration: Nanoseconds, fault: string, remedy: string): ValueError {
  const text = formatDuration(duration);
  return new ValueError(
    `${JSON.stringify(text)} ${fault}, which the Gateway API cannot express`,
    text,
    remedy,
  );
}
