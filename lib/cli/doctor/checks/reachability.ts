/** What the cluster cannot reach, by what the operator and the downloads have found. */

import { parseReference } from "../../../registry/mod.ts";
import type { FailureClass } from "../../../download/failure.ts";
import type { KnownReason } from "../../../operator/errors/reasons.ts";
import { clusterModels, downloadPods, models } from "../kinds.ts";
import { type Check, type Finding, listed, nameOf, type Survey } from "../survey.ts";

/** Reasons of a model's image that is not read: the registry does not answer, or not us. */
const registryTroubles: Partial<
  Record<KnownReason | string, { readonly says: string; readonly fix: string }>
> = {
  ConnectionRefused: {
    says: "nothing listens there",
    fix: "see that the registry runs, and that its port is the one in the image",
  },
  ConnectionReset: {
    says: "the connection is cut",
    fix: "see what stands between the operator's pod and the registry",
  },
  DNSFailure: { says: "its name does not resolve", fix: "correct the name, or the cluster's DNS" },
  NetworkTimeout: {
    says: "it does not answer",
    fix:
      "let the operator's pod out to it: a NetworkPolicy or firewall may be in the way, or a proxy is needed (HTTPS_PROXY)",
  },
  TLSFailure: {
    says: "its certificate is not trusted",
    fix: "give the operator the authority's certificate: manifests/private-authority",
  },
  CertificateInvalid: {
    says: "its certificate is not trusted",
    fix: "give the operator the authority's certificate: manifests/private-authority",
  },
  NetworkError: {
    says: "it cannot be reached",
    fix: "see what stands between the operator's pod and the registry",
  },
  RateLimited: {
    says: "it asks for fewer requests",
    fix: "name a pull secret of an account with a higher limit, or a mirror",
  },
  ImagePullAuthFailure: {
    says: "it refuses the credentials",
    fix: "name a pull secret that opens it in imagePullSecrets",
  },
  RegistryUnavailable: { says: "it fails", fix: "see that the registry runs" },
  ServiceUnavailable: { says: "it cannot answer now", fix: "see that the registry runs" },
};

export const registries: Check = (survey) => {
  const troubles = [...survey.all(models), ...survey.all(clusterModels)].flatMap((model) => {
    const read = model.status?.conditions?.find(({ type }) => type === "ImageMetadataReady");
    const reason = read?.status === "False" ? read.reason ?? "" : "";
    if (!Object.hasOwn(registryTroubles, reason)) return [];
    return [{ reason, host: hostOf(model.spec?.image ?? ""), model: `${model.kind} ${nameOf(model)}` }];
  });
  return [...Map.groupBy(troubles, ({ reason, host }) => `${reason} ${host}`).values()].map((same) => {
    const [{ reason, host }] = same;
    const { says, fix } = registryTroubles[reason]!;
    return {
      check: reason === "ImagePullAuthFailure" ? "registry-refuses" : "registry-unreachable",
      about: `registry ${host}`,
      says: `${says} (${reason}): the operator cannot read the image of ${
        listed(same.map(({ model }) => model))
      }`,
      fix,
    };
  });
};

function hostOf(image: string): string {
  try {
    return parseReference(image).registry;
  } catch {
    return image;
  }
}

/** Downloads whose last attempt did not reach the source, by the class that they leave. */
export const hubs: Check = (survey) => {
  const failed = downloadsOf(survey);
  const findings = (failureClass: FailureClass, rest: Pick<Finding, "check" | "fix">): Finding[] => {
    const same = failed.filter((each) => each.class === failureClass);
    return same.length === 0 ? [] : [{
      about: "the source of weights",
      says: `${same[0].message} (pod ${listed(same.map(({ pod }) => pod))})`,
      ...rest,
    }];
  };
  return [
    ...findings("network", {
      check: "hub-unreachable",
      fix:
        "let the pods of that namespace out to it (NetworkPolicy, firewall), or set HTTPS_PROXY or HF_ENDPOINT in env of the " +
        "AIMClusterRuntimeConfig default",
    }),
    ...findings("auth", {
      check: "hub-refuses",
      fix:
        "set HF_TOKEN (or the keys of the bucket) in env of the runtime config, from a Secret, and accept the model's licence",
    }),
  ];
};

function downloadsOf(survey: Survey) {
  return survey.all(downloadPods).flatMap((pod) =>
    (pod.status?.containerStatuses ?? []).flatMap(({ state, lastState }) => {
      const ended = state?.terminated ?? lastState?.terminated;
      const verdict = verdictIn(ended?.message);
      return verdict === undefined || ended?.exitCode === 0 ? [] : [{ ...verdict, pod: nameOf(pod) }];
    })
  );
}

function verdictIn(
  text: string | undefined,
): { readonly class: string; readonly message: string } | undefined {
  try {
    const { class: failureClass, message } = JSON.parse(text ?? "{}");
    return typeof failureClass === "string" && typeof message === "string"
      ? { class: failureClass, message }
      : undefined;
  } catch {
    return undefined;
  }
}
