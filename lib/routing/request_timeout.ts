/** The request timeout of a route (services.md §9). */
import { formatGatewayDuration, parseDuration, ValueError } from "../api/mod.ts";

/** The value of `timeouts.request`, or why there is none. */
export type GatewayTimeout =
  | { readonly text: string; readonly error?: undefined }
  | { readonly text?: undefined; readonly error: string };

/** No duration that means something is longer; reading one takes time that grows with its square. */
const longestText = 100;

/**
 * A Go duration in the form of the Gateway API: `180s` is `3m0s`, `1.5s` is `1s500ms`.
 * The error, for a text that is no duration or one that the Gateway API cannot express (negative, finer than a
 * millisecond, over 99999 hours), names the field, the value, who wrote it and what to do.
 *
 * @param writer whose field it is, as the error calls it: `the service`
 */
export function gatewayTimeout(written: string, writer: string): GatewayTimeout {
  const wrong = (value: string, fault: string) => ({
    error: `spec.routing.requestTimeout "${value}" of ${writer}: ${fault}`,
  });
  if (written.length > longestText) {
    const start = `${written.slice(0, 20)}…`;
    return wrong(start, `${written.length} characters are too many; write a duration such as 90s or 1h30m`);
  }
  try {
    return { text: formatGatewayDuration(parseDuration(written)) };
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    return wrong(written, `${error.message}; ${error.remedy}`);
  }
}
