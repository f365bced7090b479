/**
 * A template that is deleted under an endpoint, for an operator with Roles only: no request of it leaves its namespaces, and none is refused.
 */
import "./with_namespaced_rights.ts";
import "./template_lost_test.ts";
