/**
 * What a service's HTTPRoute says about its path and its timeout (services.md §9): pure, from texts of a user.
 *
 * @module
 */

export { parentKindFault } from "./parent_kind.ts";
export {
  hasLooseBraces,
  isOnePath,
  placeholders,
  type RoutePath,
  routePath,
  type Templated,
  templateFault,
} from "./path_template.ts";
export { type GatewayTimeout, gatewayTimeout } from "./request_timeout.ts";
export { shown } from "./shown.ts";
