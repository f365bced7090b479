/**
 * From YAML to a routed endpoint, for an operator with Roles only: no request of it leaves its namespaces, and none is refused.
 */
import "./with_namespaced_rights.ts";
import "./service_test.ts";
