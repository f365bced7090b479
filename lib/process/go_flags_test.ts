import assert from "node:assert/strict";
import { boolean, oneOf, parseFlags, text, usage, UsageError } from "./go_flags.ts";

const flags = {
  name: { type: text, default: "none", usage: "A name." },
  loud: { type: boolean, default: false, usage: "Louder." },
  size: { type: oneOf(["small", "large"]), default: "small" as const, usage: "How big." },
};

Deno.test("one dash or two, a value after = or after a blank", () => {
  for (const args of [["-name=x"], ["--name=x"], ["-name", "x"], ["--name", "x"]]) {
    assert.deepEqual(parseFlags(flags, args), {
      values: { name: "x", loud: false, size: "small" },
      rest: [],
    });
  }
});

Deno.test("a value may be empty, begin with a dash, or contain =", () => {
  assert.equal(parseFlags(flags, ["--name="]).values.name, "");
  assert.equal(parseFlags(flags, ["--name", "-x"]).values.name, "-x");
  assert.equal(parseFlags(flags, ["--name=a=b"]).values.name, "a=b");
});

Deno.test("a boolean takes a value only after =", () => {
  for (const word of ["1", "t", "T", "true", "TRUE", "True"]) {
    assert.equal(parseFlags(flags, [`--loud=${word}`]).values.loud, true);
  }
  for (const word of ["0", "f", "F", "false", "FALSE", "False"]) {
    assert.equal(parseFlags(flags, [`--loud=${word}`]).values.loud, false);
  }
  assert.deepEqual(parseFlags(flags, ["--loud", "false"]), {
    values: { name: "none", loud: true, size: "small" },
    rest: ["false"],
  });
});

Deno.test("the last of several wins; flags end at the first argument that is none, or after --", () => {
  assert.equal(parseFlags(flags, ["--name=a", "--name=b"]).values.name, "b");
  assert.deepEqual(parseFlags(flags, ["x", "--name=a"]), {
    values: { name: "none", loud: false, size: "small" },
    rest: ["x", "--name=a"],
  });
  assert.deepEqual(parseFlags(flags, ["--", "--name=a"]).rest, ["--name=a"]);
  assert.deepEqual(parseFlags(flags, ["-"]).rest, ["-"]);
});

Deno.test("what cannot be read is said with the flag, the value and what is allowed", () => {
  const cases: [string[], string][] = [
    [["--other"], "flag provided but not defined: -other"],
    [["--toString"], "flag provided but not defined: -toString"],
    [["--name"], "flag needs an argument: -name"],
    [["---name"], "bad flag syntax: ---name"],
    [["-=x"], "bad flag syntax: -=x"],
    [["--loud=yes"], 'invalid value "yes" for flag -loud: want true or false'],
    [["--loud=toString"], 'invalid value "toString" for flag -loud: want true or false'],
    [["--size=medium"], 'invalid value "medium" for flag -size: want small, large'],
  ];
  for (const [args, message] of cases) {
    assert.throws(
      () => parseFlags(flags, args),
      (error) => error instanceof UsageError && error.message === message,
      args[0],
    );
  }
});

Deno.test("the usage names every flag, what it takes and its default", () => {
  assert.equal(
    usage(flags),
    '  --name string\n        A name. (default "none")\n' +
      "  --loud\n        Louder.\n" +
      '  --size small|large\n        How big. (default "small")\n',
  );
});
