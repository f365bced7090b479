import assert from "node:assert/strict";
import { literal, type LogOptions, startLog } from "./log.ts";

/** What is written by `write` under some options. */
function lines(options: Partial<LogOptions>, write: (log: ReturnType<typeof startLog>) => void): string[] {
  const written: string[] = [];
  write(startLog({
    encoder: "json",
    level: "info",
    time: "rfc3339",
    ...options,
    write: (line) => written.push(line),
  }));
  return written;
}

Deno.test("JSON: one object a line with level, ts, msg and the fields", () => {
  const [line, ...more] = lines({}, (log) => {
    log.info("a thing happened", {
      controller: "service",
      AIMService: { name: "a", namespace: "n" },
      gone: undefined,
    });
  });
  assert.deepEqual(more, []);
  assert.ok(line.endsWith("}\n"));
  const { ts, ...rest } = JSON.parse(line);
  assert.match(ts, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.deepEqual(rest, {
    level: "info",
    msg: "a thing happened",
    controller: "service",
    AIMService: { name: "a", namespace: "n" },
  });
});

Deno.test("a child's name is the logger", () => {
  const [line] = lines({}, (log) => log.getChild(["service", "cache"]).info("x"));
  assert.equal(JSON.parse(line).logger, "service.cache");
});

Deno.test("an Error is its message; only from the level asked for on there is a stack", () => {
  const fail = (log: ReturnType<typeof startLog>) => {
    log.info("fine");
    log.error("failed", { error: new Error("no answer") });
  };
  const [, plain] = lines({}, fail);
  assert.equal(JSON.parse(plain).error, "no answer");
  assert.equal(JSON.parse(plain).stacktrace, undefined);
  const [info, error] = lines({ stacktraces: "error" }, fail).map((line) => JSON.parse(line));
  assert.equal(info.stacktrace, undefined);
  assert.match(error.stacktrace, /^Error: no answer\n +at /);
  const [withStack] = lines({ stacktraces: "info" }, fail).map((line) => JSON.parse(line));
  assert.equal(typeof withStack.stacktrace, "string");
  assert.equal(JSON.parse(lines({ stacktraces: "panic" }, fail)[1]).stacktrace, undefined);
});

Deno.test("what is below the level is not written", () => {
  const all = (log: ReturnType<typeof startLog>) => {
    log.debug("d");
    log.info("i");
    log.error("e");
  };
  const levels = (level: LogOptions["level"]) => lines({ level }, all).map((line) => JSON.parse(line).level);
  assert.deepEqual(levels("debug"), ["debug", "info", "error"]);
  assert.deepEqual(levels("info"), ["info", "error"]);
  assert.deepEqual(levels("error"), ["error"]);
  assert.deepEqual(levels("panic"), []);
});

Deno.test("times in all forms; numbers are numbers in JSON, with every digit", () => {
  const forms: [LogOptions["time"], RegExp][] = [
    ["epoch", /"ts":\d{10}(\.\d{1,3})?,/],
    ["millis", /"ts":\d{13},/],
    ["nanos", /"ts":\d{13}000000,/],
    ["iso8601", /"ts":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",/],
    ["rfc3339", /"ts":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",/],
    ["rfc3339nano", /"ts":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z",/],
  ];
  for (const [time, form] of forms) {
    const [line] = lines({ time }, (log) => log.info("x"));
    assert.match(line, form);
    JSON.parse(line);
  }
});

Deno.test("console: time, level, message and fields for people", () => {
  const [line] = lines(
    { encoder: "console" },
    (log) => log.error("failed", { name: "a", error: new Error("no") }),
  );
  assert.match(line, /^\S+Z ERROR failed name=a error=no\n$/);
});

Deno.test("braces of a text that others wrote are left as they are", () => {
  const text = 'the args are {"max-num-seqs": 4} and {name} and }}';
  const [line] = lines({}, (log) => log.info(literal(text), { name: "filled in" }));
  assert.equal(JSON.parse(line).msg, text);
});
