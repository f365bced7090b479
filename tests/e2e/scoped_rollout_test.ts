/**
 * Edits of running services, for an operator with Roles only: no request of it leaves its namespaces, and none is refused.
 */
import "./with_namespaced_rights.ts";
import "./rollout_test.ts";
