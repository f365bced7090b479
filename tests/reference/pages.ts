/** The pages of `docs/reference` that are written from the code. */

import { kinds } from "../../lib/api/mod.ts";
import { codePage } from "./code_page.ts";
import { flagPage } from "./flag_page.ts";
import { kindPage } from "./kind_page.ts";
import { metricPage } from "./metric_page.ts";
import { reasonPage } from "./reason_page.ts";

/** Where they are. */
export const referenceFolder = new URL("../../docs/reference/", import.meta.url);

/** Path below {@link referenceFolder} and text of each page. */
export async function pages(): Promise<Map<string, string>> {
  const pages = new Map<string, string>();
  for (const kind of kinds) pages.set(`kinds/${kind.singular}.md`, kindPage(kind));
  pages.set("codes.md", codePage());
  pages.set("flags.md", await flagPage());
  pages.set("metrics.md", metricPage());
  pages.set("reasons.md", reasonPage());
  return new Map([...pages].map(([path, text]) => [path, withOrigin(text)]));
}

/** Below the title, where GitHub and editors show nothing of it. */
const withOrigin = (text: string) =>
  text.replace("\n\n", "\n\n<!-- Written by `deno task reference` from the code. Do not edit. -->\n\n");
