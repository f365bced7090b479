/** Caches, containers and status. */

import { claim, type Claims, command, example, test } from "./claim.ts";

export const running: Claims = {
  Caching: [
    claim("Pods do not download the weights: a cache does, once", example("a Shared cache pre-downloads")),
    claim(
      "`caching.mode` says whose the cache is",
      example("a Shared cache pre-downloads"),
      example("a Dedicated cache goes with its service"),
    ),
  ],
  "Caching Modes": [
    claim(
      "A Shared cache is made or reused, and outlives its service",
      example("a Shared cache pre-downloads"),
    ),
    claim("A Dedicated cache goes with its service", example("a Dedicated cache goes with its service")),
    claim("Shared is the default", example("a Shared cache pre-downloads")),
  ],
  "How Caching Works": [
    claim(
      "A template cache fetches all sources of a template onto claims, one artifact each",
      example("a Shared cache pre-downloads"),
    ),
    claim("A Shared template cache has no owner", example("a Shared cache pre-downloads")),
    claim(
      "A Dedicated template cache is owned by its service",
      example("a Dedicated cache goes with its service"),
    ),
  ],
  "Resource Configuration": [
    claim(
      "The service's resources reach the container",
      example("resources and pull secrets reach the inference container"),
    ),
  ],
  "Image Pull Secrets": [
    claim(
      "The service's pull secrets reach the pod",
      example("resources and pull secrets reach the inference container"),
    ),
  ],
  Status: [
    claim("Pending: inputs are missing", command("the status words")),
    claim("Starting: what it makes is not there yet", command("the status words")),
    claim("Running: the endpoint serves", command("the status words")),
    claim(
      "Degraded: the endpoint serves although something, such as its cache, has failed",
      test(
        "controllers/service/cache/cache_health_test.ts",
        "Better §11.3: a failed cache under a Ready endpoint degrades; its own message is appended",
      ),
    ),
    claim("Failed: it cannot work as it is", command("the status words")),
  ],
  "Component Health": [
    claim(
      "Model, template, cache and InferenceService have a condition each",
      command("every component has its condition"),
    ),
  ],
};
