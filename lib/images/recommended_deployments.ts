/** The label `recommendedDeployments`: how an image says it is best run (models-and-templates.md §3.4). */

import type { RecommendedDeployment } from "../api/mod.ts";
import { foldName, readInt32, readString } from "./fields.ts";
import { type Dialect, LiteralError, LiteralReader } from "./literal.ts";

/** A value that does not read as a list of deployments. */
export class DeploymentsError extends Error {
  override readonly name = "DeploymentsError";
  /** The entry that does not read, counted from 0; undefined where the list itself does not. */
  readonly entry: number | undefined;
  /** Where, in characters from 1. */
  readonly column: number;
  /** What to do about it. */
  readonly remedy: string;

  constructor(message: string, entry: number | undefined, column: number, remedy: string) {
    super(message);
    this.entry = entry;
    this.column = column;
    this.remedy = remedy;
  }
}

/** One template is made of each: no image has so many by intent, and no cluster should get them by accident. */
export const mostDeployments = 256;

type Reading = { readonly deployments: RecommendedDeployment[] } | {
  readonly error: LiteralError;
  readonly entry: number | undefined;
};

/**
 * Reads the value of the label: strict JSON, or else a Python literal, with or without the brackets of the
 * list. What is left is what AIM Engine's own rule takes and neither language does: quotes of both sorts around
 * one string.
 *
 * Fields that are empty or 0 are left out.
 * More than {@link mostDeployments} are refused.
 * @throws DeploymentsError with the entry, the column and a remedy.
 */
export function readDeployments(value: string): RecommendedDeployment[] {
  const json = readAs(value, "json");
  if ("deployments" in json) return json.deployments;
  const python = readAs(value, "python");
  if ("deployments" in python) return python.deployments;
  const mixed = readAs(value.replaceAll("'", '"'), "json");
  if ("deployments" in mixed) return mixed.deployments;
  // Whoever got further had the right language; Python knows more quotes.
  const { error, entry } = python.error.position >= json.error.position ? python : json;
  throw new DeploymentsError(error.message, entry, columnOf(value, error.position), error.remedy);
}

/** The column of a position, in characters from 1. */
function columnOf(text: string, position: number): number {
  return [...text.slice(0, position)].length + 1;
}

function readAs(value: string, dialect: Dialect): Reading {
  const start = leadingSpace(value);
  const text = " ".repeat(start) + value.slice(start, trailingSpace(value, start));
  const reader = new LiteralReader(text, dialect);
  const deployments: RecommendedDeployment[] = [];
  let entry: number | undefined;
  const read = (index: number) => {
    entry = index;
    if (index >= mostDeployments) {
      const fault = `there are more than ${mostDeployments} deployments`;
      throw new LiteralError(reader.position, fault, "recommend fewer");
    }
    deployments.push(readDeployment(reader));
  };
  try {
    if (reader.kind() === "list") {
      reader.items(read);
      entry = undefined;
      reader.finish();
    } else {
      reader.bareItems(read);
    }
    return { deployments };
  } catch (error) {
    if (!(error instanceof LiteralError)) throw error;
    return { error, entry };
  }
}

const space = /[\s\u0085]/;

function leadingSpace(value: string): number {
  let start = 0;
  while (start < value.length && space.test(value[start])) start++;
  return start;
}

function trailingSpace(value: string, start: number): number {
  let end = value.length;
  while (end > start && space.test(value[end - 1])) end--;
  return end;
}

const textFields = new Map(
  (["gpuModel", "precision", "metric", "profileId", "description"] as const).map((name) =>
    [foldName(name), name] as const
  ),
);
const countField = foldName("gpuCount");

function readDeployment(reader: LiteralReader): RecommendedDeployment {
  const deployment: RecommendedDeployment = {};
  if (reader.kind() === "null") {
    reader.skip();
    return deployment;
  }
  reader.fields((name) => {
    const folded = foldName(name);
    const field = textFields.get(folded);
    if (field !== undefined) deployment[field] = readString(reader, field) ?? deployment[field];
    else if (folded === countField) {
      deployment.gpuCount = readInt32(reader, "gpuCount") ?? deployment.gpuCount;
    } else reader.skip();
  });
  return withoutZeroes(deployment);
}

function withoutZeroes(deployment: RecommendedDeployment): RecommendedDeployment {
  return Object.fromEntries(Object.entries(deployment).filter(([, value]) => value));
}
