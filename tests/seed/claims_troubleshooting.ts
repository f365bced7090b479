/** Where a reader in trouble is told to look. */

import { claim, type Claims, command, example, later, refused, test } from "./claim.ts";

const fromServiceToPods = command("from the service to its InferenceService and its pods");

export const troubleshooting: Claims = {
  'Service stuck in "Pending"': [
    claim(
      "The conditions say which component is waited for",
      command("the conditions of a service that waits say which component blocks"),
    ),
    claim(
      "A model that is not there, or an image that cannot be read, is told as such",
      refused("a model that is not there"),
      example("an image that no model has"),
    ),
    claim(
      "A template that is not there, and a model without any, are told as such",
      refused("a template that is not there"),
      refused("a model without templates"),
    ),
    claim(
      "A template whose sources are not known yet is told as such",
      command("the conditions of a service that waits say which component blocks"),
    ),
  ],
  'Service stuck in "Starting"': [
    claim("The InferenceService is found by the service's label, its pods by its name", fromServiceToPods),
    claim(
      "A pull that is refused is told as such",
      test("controllers/service/endpoint/runtime_health_test.ts", "pods: ${title}", "pull refused"),
    ),
    claim("Pods that find no room say what there is too little of", command("more GPUs than any node has")),
    claim("A claim that is not bound says why", command("a storage class that is not there")),
  ],
  'Template selection fails with "no templates found"': [
    claim(
      "The templates of a model are found by label",
      command("templates that are there but are not selected"),
    ),
    claim(
      "It is told which were left out for their GPU, and which for their profile",
      command("templates that are there but are not selected"),
    ),
  ],
  "Template selection is ambiguous": [
    claim("Both ways out of a tie work", command("an ambiguous selection is resolved")),
  ],
  "Cache errors": [
    claim(
      "Caches are found by the service's label, artifacts by the template's",
      command("from the service to its cache and its artifacts"),
    ),
    claim("A claim asks for ReadWriteMany", example("a Shared cache pre-downloads")),
    claim(
      "The headroom over the model's size can be set",
      test(
        "controllers/artifact/children_test.ts",
        "§5.3 and §5.4: class and headroom, from the artifact to the defaults",
      ),
    ),
    later(
      "A source that cannot be reached is told as such",
      "the download's own result is not classified yet",
    ),
  ],
  "Storage size error": [
    claim(
      "Sizes come by themselves",
      test(
        "controllers/artifact/jobs/size_check_test.ts",
        "§6.3 Better: the size is read from the termination message, else from the last line of the log",
      ),
      test(
        "controllers/template/sizes_test.ts",
        "what a source without a size learns, in a namespace and in the cluster",
      ),
    ),
    claim(
      "`StorageSizeError` says that a source has no size, where that stays so",
      test(
        "controllers/service/cache/cache_health_test.ts",
        "spec/README: StorageSizeError once a size check has failed",
      ),
    ),
  ],
};
