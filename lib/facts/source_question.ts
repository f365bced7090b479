/** What a model source asks of its registries. */

import type { FilterDefaults, WrittenFilter } from "../images/filters/image_filter.ts";

export interface SourceQuestion {
  /** Which source asks. */
  readonly uid: string;
  readonly filters: readonly WrittenFilter[];
  readonly defaults: FilterDefaults;
  /** Where the pull secrets are, and their names in the order in which they are tried. */
  readonly namespace: string;
  readonly pullSecrets: readonly string[];
  /** Milliseconds from one look to the next. */
  readonly interval: number;
  /** Milliseconds since 1970: until then, what an earlier process found is fresh. No part of what is asked. */
  readonly due?: number;
  /** Whether a part of that was not to be had, so that it is tried again before. No part of what is asked. */
  readonly isPartial?: boolean;
}
