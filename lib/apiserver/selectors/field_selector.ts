/** Field selectors: `a.b=c`, `a.b==c`, `a.b!=c`, with commas between. */
import type { Kind } from "../kinds/kind.ts";
import { badRequest } from "../status.ts";
import { at, type JsonObject } from "../json.ts";

export type FieldMatcher = (object: JsonObject) => boolean;

const everything: FieldMatcher = () => true;

/** @throws Refusal 400 if the selector does not parse, or names a field that the kind does not offer */
export function fieldMatcher(selector: string | undefined, kind: Kind): FieldMatcher {
  if (selector === undefined || selector === "") return everything;
  const terms = selector.split(/(?<!\\),/).filter((term) => term !== "").map((term) => {
    const parts = /^((?:[^\\=!]|\\.)*?)(==|!=|=)(.*)$/s.exec(term);
    if (parts === null) {
      throw badRequest(`invalid selector: '${selector}'; can't understand '${term}'`);
    }
    if (/(?<!\\)=/.test(parts[3])) {
      throw badRequest("invalid field selector: unescaped character in value: 61");
    }
    return { path: parts[1], unwanted: parts[2] === "!=", value: parts[3].replace(/\\(.)/g, "$1") };
  }).filter(({ path, value }) => path !== "" || value !== ""); // "=" says nothing
  const offered = ["metadata.name", "metadata.namespace", ...kind.selectableFields];
  for (const { path } of terms) {
    if (offered.includes(path)) continue;
    throw badRequest(
      kind.custom
        ? `field label not supported: ${path}`
        : kind.selectableFields.length === 0
        ? `"${path}" is not a known field selector: only "metadata.name", "metadata.namespace"`
        : kind.kind === "Job"
        ? `field label "${path}" not supported for Job`
        : `field label not supported: ${path}`,
    );
  }
  const wanted = terms.map((term) => ({ ...term, path: term.path.split(".") }));
  return (object) =>
    wanted.every(({ path, unwanted, value }) => {
      const here = at(object, ...path);
      return (here === undefined || here === null ? "" : String(here)) === value !== unwanted;
    });
}
