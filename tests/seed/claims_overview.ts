/** From the page's beginning to how a model is found. */

import { claim, type Claims, example, test } from "./claim.ts";

export const overview: Claims = {
  Services: [
    claim(
      "One AIMService is all it takes to get an endpoint that serves",
      example("the example by model name"),
    ),
    claim(
      "A model and a template become one InferenceService of KServe",
      example("the example by model name"),
    ),
  ],
  Overview: [
    claim(
      "The model is found by name or by image, or made",
      example("the example by model name"),
      example("the example by image"),
      example("an image that no model has"),
    ),
    claim(
      "The template is the one that is named, or the best one",
      example("the example by model name"),
      example("the example with an explicit template"),
    ),
    claim("A template cache with its artifacts is made", example("a Shared cache pre-downloads")),
    claim("An InferenceService is made", example("the example by model name")),
    claim(
      "Where routing is on, a route of the Gateway API is made",
      test("tests/e2e/service_test.ts", "ten lines of YAML become a cached, routed endpoint"),
    ),
  ],
  "Deploy by Model Name": [
    claim("The first example runs, with the best template", example("the example by model name")),
  ],
  "Deploy by Image URI": [
    claim("The second example runs", example("the example by image")),
    claim("A model that has the image already is used", example("the example by image")),
    claim(
      "A model made for an image has no owner, stays, and serves the next service",
      example("an image that no model has"),
    ),
  ],
  "Deploy with Explicit Template": [
    claim("The third example runs, with its template", example("the example with an explicit template")),
  ],
  "Model Resolution": [
    claim(
      "`model.name` finds a model of either scope",
      example("the example by model name"),
      example("the namespace's model and template come before the cluster's"),
    ),
    claim(
      "`model.image` finds a model or makes one",
      example("the example by image"),
      example("an image that no model has"),
    ),
    claim(
      "`model.custom` makes one model in the namespace from sources and hardware, for all who give the same",
      example("inline model sources"),
    ),
  ],
  "Resolution Order": [
    claim(
      "By name, the namespace's model comes before the cluster's",
      example("the namespace's model and template come before the cluster's"),
    ),
    claim(
      "By image, models of both scopes are looked at",
      example("the example by image"),
      example("an image that several models have"),
    ),
    claim("By image, a model is made where none has it", example("an image that no model has")),
    claim("By image, several models are an error", example("an image that several models have")),
  ],
};
