/**
 * Metrics of the operator. Imported only where metrics are served: prom-client costs memory (about 20 MB resident,
 * most of it parts of Node that it wants).
 *
 * @module
 */

export { OperatorMetrics } from "./operator_metrics.ts";
