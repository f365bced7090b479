/** The operator's log: one line an entry on stderr, JSON as AIM Engine writes it, or text (conventions.md §1.3). */

import { configureSync, getLogger, type Logger, type LogRecord } from "@logtape/logtape";

export interface LogOptions {
  readonly encoder: "json" | "console";
  readonly level: "debug" | "info" | "error" | "panic";
  /** From which level on a line carries a stack trace; absent: never. */
  readonly stacktraces?: "info" | "error" | "panic";
  readonly time: "epoch" | "millis" | "nanos" | "iso8601" | "rfc3339" | "rfc3339nano";
  /** Where lines go; default: stderr. */
  readonly write?: (line: string) => void;
}

/** Sets up the log of the whole process, and returns its root logger. */
export function startLog(options: LogOptions): Logger {
  const encoder = new TextEncoder();
  const write = options.write ?? ((line) => void Deno.stderr.writeSync(encoder.encode(line)));
  const format = options.encoder === "json" ? jsonLine : consoleLine;
  configureSync({
    reset: true,
    sinks: { lines: (record) => write(`${format(record, options)}\n`) },
    loggers: [
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["lines"] },
      {
        category: ["aim"],
        lowestLevel: options.level === "panic" ? "fatal" : options.level,
        sinks: ["lines"],
      },
    ],
  });
  return getLogger(["aim"]);
}

/** A text as a message: braces in it are no places to fill in. */
export function literal(text: string): string {
  return text.replaceAll("{", "{{").replaceAll("}", "}}");
}

const zapLevels = {
  trace: "debug",
  debug: "debug",
  info: "info",
  warning: "info",
  error: "error",
  fatal: "panic",
};
const severity = ["trace", "debug", "info", "warning", "error", "fatal"];

/** What a record says beside its message. An Error becomes its text: a credential is never in one of ours. */
function fieldsOf({ properties, level }: LogRecord, { stacktraces }: LogOptions): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    fields[key] = value instanceof Error ? value.message : value;
  }
  const wanted = stacktraces === "panic" ? "fatal" : stacktraces;
  const error = Object.values(properties).find((value) => value instanceof Error);
  if (wanted !== undefined && severity.indexOf(level) >= severity.indexOf(wanted)) {
    fields.stacktrace = error?.stack ?? new Error().stack;
  }
  return fields;
}

function jsonLine(record: LogRecord, options: LogOptions): string {
  const { level, category, message } = record;
  const time = timeOf(record.timestamp, options.time);
  const rest = JSON.stringify({
    logger: category.slice(1).join(".") || undefined,
    msg: message.join(""),
    ...fieldsOf(record, options),
  });
  // Put together as text: a number of nanoseconds has more digits than `number` holds.
  const stamp = numeric.has(options.time) ? time : JSON.stringify(time);
  return `{"level":"${zapLevels[level]}","ts":${stamp},${rest.slice(1)}`;
}

function consoleLine(record: LogRecord, options: LogOptions): string {
  const fields = Object.entries(fieldsOf(record, options)).map(([key, value]) =>
    ` ${key}=${typeof value === "string" ? value : JSON.stringify(value)}`
  );
  const time = timeOf(record.timestamp, options.time);
  return `${time} ${zapLevels[record.level].toUpperCase()} ${record.message.join("")}${fields.join("")}`;
}

/** Forms of the time that are numbers in JSON. */
const numeric: ReadonlySet<LogOptions["time"]> = new Set(["epoch", "millis", "nanos"]);

function timeOf(milliseconds: number, form: LogOptions["time"]): string {
  const iso = () => new Date(milliseconds).toISOString();
  switch (form) {
    case "epoch":
      return String(milliseconds / 1000);
    case "millis":
      return String(milliseconds);
    case "nanos":
      return `${milliseconds}000000`;
    case "iso8601":
    case "rfc3339nano":
      return iso();
    case "rfc3339":
      return iso().replace(/\.\d+Z$/, "Z");
  }
}
