/** All of the page, in its order. */

import type { Row } from "./row.ts";
import { overview } from "./rows_overview.ts";
import { running } from "./rows_running.ts";
import { templateResolution } from "./rows_templates.ts";
import { troubleshooting } from "./rows_troubleshooting.ts";

export const page: readonly Row[] = [...overview, ...templateResolution, ...running, ...troubleshooting];
