/**
 * Each right of the operator, and the scenario of `rights_test.ts` that needs it: a right without a scenario is one too
 * many. A scenario of `scenarios.ts`, or one of the four that the test itself acts out.
 */

const aim = "aim.eai.amd.com";
const isvc = "serving.kserve.io/inferenceservices";
const route = "gateway.networking.k8s.io/httproutes";

const own = [
  "aimservices",
  "aimmodels",
  "aimclustermodels",
  "aimclustermodelsources",
  "aimservicetemplates",
  "aimclusterservicetemplates",
  "aimtemplatecaches",
  "aimartifacts",
  "aimruntimeconfigs",
  "aimclusterruntimeconfigs",
].map((plural) => `${aim}/${plural}`);

const watched = [
  ...own,
  "core/nodes",
  "core/pods",
  "batch/jobs",
  "apps/deployments",
  "apps/replicasets",
  "core/persistentvolumeclaims",
  "storage.k8s.io/storageclasses",
  "autoscaling/horizontalpodautoscalers",
  "core/events",
  "rbac.authorization.k8s.io/rolebindings",
  "core/serviceaccounts",
  isvc,
  route,
];

export const readsAtStart = "a start reads all that is watched";
export const listsAtStart = "a start lists where the API server does not stream lists";
export const holdsLease = "one process makes the Lease, looks at it and renews it";
export const readsAfresh = "a write without an answer is looked after";
export const repeats = "an event that comes again is counted";

/** By scenario, as `rightsOf` writes rights. */
export const needed = {
  [readsAtStart]: watched.map((what) => `watch ${what}`),
  [listsAtStart]: watched.map((what) => `list ${what}`),
  [holdsLease]: [
    "create coordination.k8s.io/leases",
    "get coordination.k8s.io/leases 3be10d2f.eai.amd.com",
    "update coordination.k8s.io/leases 3be10d2f.eai.amd.com",
  ],
  "a service by the name of a model runs, with a route": [
    `patch ${aim}/aimservices`,
    `patch ${aim}/aimservices/status`,
    `patch ${aim}/aimclustermodels/status`,
    `patch ${aim}/aimclusterservicetemplates/status`,
    `create ${aim}/aimtemplatecaches`,
    `patch ${aim}/aimtemplatecaches`,
    `patch ${aim}/aimtemplatecaches/status`,
    `create ${aim}/aimartifacts`,
    `patch ${aim}/aimartifacts`,
    `patch ${aim}/aimartifacts/status`,
    "create core/persistentvolumeclaims",
    "create batch/jobs",
    "create core/serviceaccounts",
    "create rbac.authorization.k8s.io/rolebindings",
    "bind rbac.authorization.k8s.io/clusterroles aim-engine-artifact-status-updater",
    `create ${isvc}`,
    `patch ${isvc}`,
    `create ${route}`,
    `patch ${route}`,
    "create core/events",
  ],
  "a route goes when routing is switched off": [`delete ${route}`],
  "a service by image makes a model, and hands it its pull secret": [
    `create ${aim}/aimmodels`,
    `patch ${aim}/aimmodels`,
    `patch ${aim}/aimmodels/status`,
  ],
  "models make templates, and take back what they no longer want": [
    `create ${aim}/aimservicetemplates`,
    `patch ${aim}/aimservicetemplates`,
    `delete ${aim}/aimservicetemplates`,
    `patch ${aim}/aimservicetemplates/status`,
    `create ${aim}/aimclusterservicetemplates`,
    `patch ${aim}/aimclusterservicetemplates`,
    `delete ${aim}/aimclusterservicetemplates`,
  ],
  "a template fills a cache ahead of its services": [
    `create ${aim}/aimtemplatecaches`,
    `patch ${aim}/aimtemplatecaches`,
  ],
  "a model source makes a model, and hands it its pull secret": [
    `create ${aim}/aimclustermodels`,
    `patch ${aim}/aimclustermodels`,
    `patch ${aim}/aimclustermodelsources/status`,
  ],
  "a model is read with its pull secret": ["get core/secrets"],
  "an image is asked by a Job for its profiles, which its pod tells": [
    "create batch/jobs",
    "get core/pods/log",
  ],
  "a Job whose answer nobody needs any more is ended": ["delete batch/jobs"],
  "a template is derived for a service's overrides, and goes with it": [
    `create ${aim}/aimservicetemplates`,
    `delete ${aim}/aimservicetemplates`,
  ],
  "what never got Ready goes with its service": [
    `delete ${aim}/aimtemplatecaches`,
    `delete ${aim}/aimartifacts`,
  ],
  "runtime configs say whether they are sound": [
    `patch ${aim}/aimruntimeconfigs/status`,
    `patch ${aim}/aimclusterruntimeconfigs/status`,
  ],
  "a volume is taken back after a restore": ["patch core/persistentvolumeclaims"],
  "who reads the metrics is asked for": [
    "create authentication.k8s.io/tokenreviews",
    "create authorization.k8s.io/subjectaccessreviews",
  ],
  [readsAfresh]: [
    ...own.map((what) => `get ${what}`),
    `get ${isvc}`,
    `get ${route}`,
    "get core/persistentvolumeclaims",
    "get batch/jobs",
    "get core/serviceaccounts",
    "get rbac.authorization.k8s.io/rolebindings",
  ],
  [repeats]: ["patch core/events"],
} as const satisfies Readonly<Record<string, readonly string[]>>;
