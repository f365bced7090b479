/**
 * The real parts of the control plane: which programs and YAML files come out of which Go module.
 *
 * Each module is a folder under `../go/`; its `go.mod` pins the versions, and a program of our own has its source there.
 * Adding a part means a folder there and a row here.
 */

/** A program built from a Go module. */
export interface Program {
  /** File name of the binary. */
  readonly name: string;
  /** Import path of its main package. */
  readonly package: string;
  /** Seconds of a cold build on two cores when built in the order of this table; only feeds the time left. */
  readonly seconds: number;
}

/** YAML files shipped inside a Go module. */
export interface YamlFiles {
  /** Name of the set; becomes a folder in the cache. */
  readonly name: string;
  /** The module the files are in. */
  readonly module: string;
  /** Folders or files inside the module, taken in this order. */
  readonly paths: readonly string[];
}

/** One folder under `go/` and what is made from it. */
export interface GoModule {
  /** Folder under `go/`. */
  readonly folder: string;
  readonly programs: readonly Program[];
  readonly yaml: readonly YamlFiles[];
  /** Build tags. */
  readonly tags?: readonly string[];
  /** Variables set by the linker, as a function of the version of each required module. */
  readonly linkVariables?: (versionOf: (module: string) => string) => Record<string, string>;
}

/** Kubernetes programs report `v0.0.0-master` unless the linker says which release they are. */
function kubernetesVersion(versionOf: (module: string) => string): Record<string, string> {
  const gitVersion = versionOf("k8s.io/kubernetes");
  const [major, minor] = gitVersion.slice(1).split(".");
  const version: Record<string, string> = {
    gitVersion,
    gitMajor: major,
    gitMinor: minor,
    gitTreeState: "clean",
  };
  return Object.fromEntries(
    ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((place) =>
      Object.entries(version).map(([name, value]) => [`${place}.${name}`, value])
    ),
  );
}

/** All modules, in the order in which they are built: what a test waits for most comes first. */
export const goModules = [
  {
    folder: "etcd",
    programs: [{ name: "etcd", package: "go.etcd.io/etcd/server/v3", seconds: 60 }],
    yaml: [],
  },
  {
    folder: "kubernetes",
    programs: [
      { name: "kube-apiserver", package: "k8s.io/kubernetes/cmd/kube-apiserver", seconds: 200 },
      { name: "kubectl", package: "k8s.io/kubernetes/cmd/kubectl", seconds: 25 },
      {
        name: "kube-controller-manager",
        package: "k8s.io/kubernetes/cmd/kube-controller-manager",
        seconds: 60,
      },
      { name: "kube-scheduler", package: "k8s.io/kubernetes/cmd/kube-scheduler", seconds: 10 },
    ],
    yaml: [],
    linkVariables: kubernetesVersion,
  },
  {
    folder: "kwok",
    programs: [{ name: "kwok", package: "sigs.k8s.io/kwok/cmd/kwok", seconds: 90 }],
    yaml: [
      {
        name: "kwok-crds",
        module: "sigs.k8s.io/kwok",
        paths: ["stages", "logs", "clusterlogs"].map((plural) =>
          `kustomize/crd/bases/kwok.x-k8s.io_${plural}.yaml`
        ),
      },
      {
        name: "kwok-stages",
        module: "sigs.k8s.io/kwok",
        paths: ["kustomize/stage/node/fast", "kustomize/stage/pod/fast", "kustomize/stage/volume/fast"],
      },
    ],
  },
  {
    folder: "gateway_api",
    programs: [],
    yaml: [{ name: "gateway-api-crds", module: "sigs.k8s.io/gateway-api", paths: ["config/crd/standard"] }],
  },
  {
    folder: "kserve",
    programs: [{ name: "kserve-controller", package: "github.com/kserve/kserve/cmd/manager", seconds: 150 }],
    yaml: [{
      name: "kserve-crds",
      module: "github.com/kserve/kserve",
      paths: ["config/crd/full/serving.kserve.io_inferenceservices.yaml"],
    }, {
      name: "kserve-controller-crds",
      module: "github.com/kserve/kserve",
      paths: [
        "config/crd/full/serving.kserve.io_clusterservingruntimes.yaml",
        "config/crd/full/serving.kserve.io_inferencegraphs.yaml",
        "config/crd/full/serving.kserve.io_servingruntimes.yaml",
        "config/crd/full/serving.kserve.io_trainedmodels.yaml",
        "config/crd/full/clusterstoragecontainer/serving.kserve.io_clusterstoragecontainers.yaml",
      ],
    }, {
      name: "kserve-webhooks",
      module: "github.com/kserve/kserve",
      paths: ["config/webhook/manifests.yaml"],
    }],
  },
  {
    folder: "go_containerregistry",
    programs: [
      { name: "oci-registry", package: "github.com/google/go-containerregistry/cmd/registry", seconds: 20 },
      { name: "crane", package: "github.com/google/go-containerregistry/cmd/crane", seconds: 10 },
    ],
    yaml: [],
  },
  {
    folder: "distribution",
    programs: [{
      name: "distribution-registry",
      package: "github.com/distribution/distribution/v3/cmd/registry",
      seconds: 90,
    }],
    yaml: [],
  },
  {
    folder: "gitops_verdict",
    programs: [{ name: "gitops-verdict", package: ".", seconds: 60 }],
    yaml: [],
  },
  {
    folder: "actionlint",
    programs: [{ name: "actionlint", package: "github.com/rhysd/actionlint/cmd/actionlint", seconds: 20 }],
    yaml: [],
  },
  {
    folder: "versitygw",
    programs: [{ name: "versitygw", package: "github.com/versity/versitygw/cmd/versitygw", seconds: 50 }],
    yaml: [],
  },
  {
    folder: "prometheus",
    // Without the clients of all clouds, in which it would look for what to scrape.
    tags: ["remove_all_sd"],
    programs: [
      { name: "prometheus", package: "github.com/prometheus/prometheus/cmd/prometheus", seconds: 140 },
      { name: "promtool", package: "github.com/prometheus/prometheus/cmd/promtool", seconds: 15 },
    ],
    yaml: [],
  },
  {
    folder: "kubeconform",
    programs: [{ name: "kubeconform", package: "github.com/yannh/kubeconform/cmd/kubeconform", seconds: 8 }],
    yaml: [],
  },
  {
    folder: "neighbour_crds",
    programs: [],
    yaml: [{
      name: "prometheus-operator-crds",
      module: "github.com/prometheus-operator/prometheus-operator",
      paths: ["servicemonitors", "prometheusrules"].map((plural) =>
        `example/prometheus-operator-crd/monitoring.coreos.com_${plural}.yaml`
      ),
    }, {
      name: "cert-manager-crds",
      module: "github.com/cert-manager/cert-manager",
      paths: ["certificates", "issuers"].map((plural) => `deploy/crds/crd-${plural}.yaml`),
    }],
  },
] as const satisfies readonly GoModule[];

type Module = typeof goModules[number];

/** Name of a program that can be built. */
export type ProgramName = Module["programs"][number]["name"];

/** Name of a set of YAML files that can be had. */
export type YamlName = Module["yaml"][number]["name"];
