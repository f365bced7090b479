/** How endpoints are reached through a gateway: paths and time limits. Pure. */
export { type RoutePath, routePath, type Templated } from "./path_template.ts";
export { type GatewayTimeout, gatewayTimeout } from "./request_timeout.ts";
