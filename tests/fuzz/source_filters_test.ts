/** What users write as filters and version constraints of a model source. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { FilterError, imageUri, parseFilter } from "../../lib/images/filters/image_filter.ts";
import {
  ConstraintError,
  parseConstraint,
  versionOfTag,
} from "../../lib/images/filters/version_constraint.ts";
import { matchesWildcard } from "../../lib/images/filters/wildcard.ts";
import { parseReference } from "../../lib/registry/reference.ts";
import { fuzz, fuzzInputs, piecesOf } from "./fuzz.ts";

const tags = ["0.0.0", "1.2.3", "1.2.3-rc1", "9.9.9"].map((tag) => versionOfTag(tag)!);

Deno.test(`fuzz, ${fuzzInputs} texts: a constraint that judges every version, or ConstraintError`, () => {
  const constraints = piecesOf(
    [
      ...[
        "=",
        "==",
        "!",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "~",
        "^",
        " ",
        ",",
        "||",
        "|",
        "-",
        " - ",
        ".",
        "v",
        "x",
      ],
      ...["*", "0", "1", "01", "12", "9007199254740991", "-rc.1", "+b", "1.2.3", "1.2", "1.x", "\t", "é"],
    ],
    [">=1.0.0 <2.0.0 || 3.1.4", "~1.2.0, !=1.2.5", "1.0.0 - 2.0.0", "^0.8.1-rc1"],
  );
  const read = (text: string) => {
    try {
      const accepts = parseConstraint(text);
      return tags.map((tag) => accepts(tag));
    } catch (error) {
      if (error instanceof ConstraintError) return error;
      throw error;
    }
  };
  fuzz(constraints, read, (judged, text) => {
    if (judged instanceof ConstraintError) assert.ok(judged.message.length < 500);
    else assert.ok(text.trim() !== "", "nothing is no constraint");
  });
});

Deno.test(`fuzz, ${fuzzInputs} texts: a filter, whose image can be looked up, or FilterError`, () => {
  const hex = "0123456789abcdef".repeat(4);
  const texts = piecesOf(
    [
      ...[
        "docker.io",
        "ghcr.io",
        "localhost",
        "127.0.0.1",
        "[::1]",
        ":5000",
        "/",
        ":",
        "@",
        "sha256:",
        hex,
        "*",
        "**",
      ],
      ...[
        "https://",
        "aim-",
        "org",
        "a",
        "A",
        "_",
        "-",
        ".",
        "..",
        "é",
        " ",
        "?",
        "[",
        "latest",
        "a-".repeat(200),
      ],
    ],
    ["ghcr.io/org/a:1.0", `localhost:5000/a/b@sha256:${hex}`, "org/aim-*", "reg.example/project/a*:dev"],
  );
  const read = ([image, registry]: [string, string]) => {
    try {
      return parseFilter({ image }, { registry });
    } catch (error) {
      if (error instanceof FilterError) return error;
      throw error;
    }
  };
  fuzz(fc.tuple(texts, fc.oneof(fc.constant(""), texts)), read, (filter) => {
    if (filter instanceof FilterError) assert.ok(filter.message.length < 600, filter.message);
    else if (filter.how === "named") {
      parseReference(imageUri(filter.registry, filter.repository, filter.reference));
    }
  });
});

Deno.test(`fuzz, ${fuzzInputs} patterns: a wildcard is judged in time`, () => {
  const texts = piecesOf(["*", "a", "b", "/", "ab", "**", "a*"], ["org/aim-*", "a*b*c*d"]);
  fuzz(
    fc.tuple(texts, texts),
    ([pattern, name]) => matchesWildcard(pattern, name),
    (matches, [pattern, name]) => {
      if (matches && !pattern.includes("*")) assert.equal(pattern, name);
    },
  );
});
