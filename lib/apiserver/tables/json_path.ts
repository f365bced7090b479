/** JSON paths of printer columns: `.a.b`, `['a.b']`, `[0]`, `[*]`, `[?(@.type=="Ready")]`. */
import { isObject } from "../json.ts";

type Step = (value: unknown) => unknown[];

const parsed = new Map<string, readonly Step[]>();
const syntax =
  /\.([^.[\]]+)|\['([^']+)'\]|\[(\d+)\]|\[(\*)\]|\[\?\(\s*@\.([^=!\s]+)\s*(==|!=)\s*(?:"([^"]*)"|'([^']*)'|(\S+?))\s*\)\]/y;

/** All values at a path; none where it leads nowhere or is none. */
export function valuesAt(object: unknown, path: string): unknown[] {
  let values: unknown[] = [object];
  for (const step of stepsOf(path)) values = values.flatMap(step);
  return values.filter((value) => value !== undefined && value !== null);
}

function stepsOf(path: string): readonly Step[] {
  let steps = parsed.get(path);
  if (steps === undefined) parsed.set(path, steps = parse(path));
  return steps;
}

function parse(path: string): Step[] {
  const steps: Step[] = [];
  const text = path.replaceAll("\\.", "\u0000");
  syntax.lastIndex = 0;
  for (let match = syntax.exec(text); match !== null; match = syntax.exec(text)) {
    const [, name, quoted, index, all, field, operator, ...values] = match;
    if (name !== undefined || quoted !== undefined) {
      steps.push(member((name ?? quoted).replaceAll("\u0000", ".")));
    } else if (index !== undefined) steps.push((value) => Array.isArray(value) ? [value[Number(index)]] : []);
    else if (all !== undefined) {
      steps.push((value) => Array.isArray(value) ? value : isObject(value) ? Object.values(value) : []);
    } else steps.push(filter(field, operator, values.find((value) => value !== undefined) ?? ""));
  }
  return steps;
}

function member(name: string): Step {
  return (value) => isObject(value) ? [value[name]] : [];
}

function filter(field: string, operator: string, wanted: string): Step {
  return (value) =>
    Array.isArray(value)
      ? value.filter((item) => {
        const here = valuesAt(item, `.${field}`)[0];
        return (String(here) === wanted) === (operator === "==");
      })
      : [];
}
