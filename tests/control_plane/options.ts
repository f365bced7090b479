/** What a control plane consists of, and which parts that needs. */
import type { WantedParts } from "./build/build.ts";
import type { Stage } from "./servers/stages.ts";

/** What runs besides etcd and the API server: nothing, unless said here. */
export interface ControlPlaneOptions {
  /** kube-controller-manager: default service accounts, Deployments, Jobs, garbage collection, … */
  controllerManager?: boolean;
  /** kube-scheduler. */
  scheduler?: boolean;
  /** kwok with its stages; nodes are added with `gpuNode` of `nodes.ts`. */
  kwok?: KwokOptions;
  /** KServe's CRDs and, if wanted, its own controller. */
  kserve?: KServeOptions;
  /** CRDs of the standard channel of Gateway API. */
  gatewayApi?: boolean;
  /** Writes an audit log: one line per answered request, metadata only. */
  auditLog?: boolean;
  /** More flags for kube-apiserver. */
  apiServerArgs?: readonly string[];
  /** Folder for data, certificates and logs; kept in the end. Default: a temporary one, removed in the end. */
  folder?: string;
  /** Ends everything on SIGINT and SIGTERM, then exits with 130. Default true. */
  handleSignals?: boolean;
  /** Receives progress, and what goes wrong later, line by line. Default: stderr, builds and failures only. */
  log?: (line: string) => void;
}

/** What kwok plays. */
export interface KwokOptions {
  /** Stages besides those of nodes, pods and volumes; see `stages.ts`. Their kinds must be installed. */
  readonly stages?: readonly Stage[];
}

/** What of KServe is there. */
export interface KServeOptions {
  /** Runs KServe's own controller; otherwise there are only the CRDs. */
  readonly controller?: boolean;
}

/** The parts to have before a control plane with these options can start. */
export function wantedParts(options: ControlPlaneOptions): WantedParts {
  return {
    programs: [
      "etcd",
      "kube-apiserver",
      "kubectl",
      ...(options.controllerManager ? ["kube-controller-manager"] as const : []),
      ...(options.scheduler ? ["kube-scheduler"] as const : []),
      ...(options.kwok ? ["kwok"] as const : []),
      ...(options.kserve?.controller ? ["kserve-controller"] as const : []),
    ],
    yaml: [
      ...(options.kwok ? ["kwok-crds", "kwok-stages"] as const : []),
      ...(options.gatewayApi ? ["gateway-api-crds"] as const : []),
      ...(options.kserve ? ["kserve-crds"] as const : []),
      ...(options.kserve?.controller ? ["kserve-controller-crds", "kserve-webhooks"] as const : []),
    ],
  };
}
