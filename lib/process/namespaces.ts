import { labelNameProblem } from "../kube/names.ts";
import type { FlagType } from "./go_flags.ts";

/** Names of namespaces with commas between them; the empty text is none. */
export const namespaces: FlagType<readonly string[]> = {
  boolean: false,
  placeholder: "name,name",
  parse(value) {
    const names = value.trim() === "" ? [] : value.split(",").map((name) => name.trim());
    const bad = names.find((name) => labelNameProblem(name) !== undefined);
    if (bad !== undefined) {
      throw new Error(
        `want names of namespaces with commas between them; ${JSON.stringify(bad)} is none ` +
          "(up to 63 of a-z, 0-9 and -, the first and the last no -)",
      );
    }
    const twice = names.find((name, n) => names.indexOf(name) !== n);
    if (twice !== undefined) throw new Error(`want each namespace once; ${twice} is there twice`);
    return names;
  },
};
