/** The time limit of one request, as the Gateway API takes it (services.md §9). */

import { formatGatewayDuration, parseDuration, ValueError } from "../api/mod.ts";

export type GatewayTimeout =
  | { readonly text: string; readonly error?: undefined }
  | { readonly text?: undefined; readonly error: string };

/** A Go duration in the Gateway API's words (`90m` → `1h30m0s`), or what is wrong with it. */
export function gatewayTimeout(written: string): GatewayTimeout {
  try {
    return { text: formatGatewayDuration(parseDuration(written)) };
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    return { error: `routing.requestTimeout "${written}": ${error.message}; ${error.remedy}` };
  }
}
