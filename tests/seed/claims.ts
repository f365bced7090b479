/** All claims of the page, in its order. */

import type { Claims } from "./claim.ts";
import { overview } from "./claims_overview.ts";
import { running } from "./claims_running.ts";
import { templates } from "./claims_templates.ts";
import { troubleshooting } from "./claims_troubleshooting.ts";

export const claims: Claims = { ...overview, ...templates, ...running, ...troubleshooting };
