/** The conditions of an InferenceService, from those of its Deployment (KServe 0.20, Standard mode). */

import type { DeploymentCondition } from "kubernetes-types/apps/v1";
import { condition } from "../controller.ts";

export interface InferenceServiceCondition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  severity?: string;
  lastTransitionTime?: string;
}

type Word = Pick<InferenceServiceCondition, "status" | "reason" | "message">;

/** IngressReady, PredictorReady, Ready and Stopped, each with its transition time. */
export function readiness(
  before: readonly InferenceServiceCondition[] | undefined,
  deployment: readonly DeploymentCondition[] | undefined,
  stopped: boolean,
  now: Date,
): InferenceServiceCondition[] {
  const halted: Word = { status: "False", reason: "Stopped" };
  const predictor = stopped ? halted : predictorReady(deployment ?? []);
  const ingress: Word = stopped ? halted : { status: "True" };
  const worst = [ingress, predictor].find(({ status }) => status === "False") ??
    [ingress, predictor].find(({ status }) => status === "Unknown");
  const ready: Word = worst ?? { status: "True" };
  const of = (type: string, { status, reason, message }: Word, severity?: string) =>
    condition<InferenceServiceCondition>(before, now, {
      type,
      status,
      ...(reason ? { reason } : {}),
      ...(message ? { message } : {}),
      ...(severity ? { severity } : {}),
    });
  return [
    of("IngressReady", ingress),
    of("PredictorReady", predictor),
    of("Ready", ready),
    of("Stopped", { status: stopped ? "True" : "False" }, "Info"),
  ];
}

/** What the Deployment's conditions say of the predictor, the gravest first. */
function predictorReady(conditions: readonly DeploymentCondition[]): Word {
  const available = conditions.find(({ type }) => type === "Available");
  const progressing = conditions.find(({ type }) => type === "Progressing");
  const says = (status: string, { reason, message }: DeploymentCondition): Word => ({
    status,
    reason,
    message,
  });
  const failure = conditions.find(({ type, status }) => type === "ReplicaFailure" && status === "True");
  if (failure !== undefined) return says("False", failure);
  if (available?.status === "False") return says("False", available);
  if (progressing?.status === "False" && progressing.message) return says("False", progressing);
  if (progressing?.status === "True") {
    if (progressing.reason === "NewReplicaSetAvailable") return says("True", progressing);
    if (available?.status !== "True") return says("Unknown", progressing);
  }
  return available?.status === "True" ? says("True", available) : { status: "False" };
}
