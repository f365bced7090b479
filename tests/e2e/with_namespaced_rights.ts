/** To be imported before a scenario: its operator has Roles in its namespaces and nothing else. */
import { rights } from "./rights.ts";

rights.of = "namespaces";
