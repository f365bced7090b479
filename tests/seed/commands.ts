/** The commands of the page. Words in `<…>` are for the reader to fill in. */

export const conditions = "kubectl get aimservice <name> -o jsonpath='{.status.conditions}' | jq";
export const inferenceService =
  "kubectl get inferenceservice -l aim.eai.amd.com/service.name=<name> -n <namespace>";
export const pods = "kubectl get pods -l serving.kserve.io/inferenceservice=<isvc-name> -n <namespace>";
export const templates = "kubectl get aimservicetemplates -l aim.eai.amd.com/model=<model-name>";
export const templateStates =
  "kubectl get aimservicetemplates -o custom-columns=NAME:.metadata.name,STATUS:.status.status";
export const templateCache = "kubectl get aimtemplatecache -l aim.eai.amd.com/service.name=<name>";
export const artifacts = "kubectl get aimartifact -l aim.eai.amd.com/template=<template-name>";

/** A command with its words filled in. */
export function filled(command: string, words: Readonly<Record<string, string>>): string {
  const line = Object.entries(words).reduce(
    (text, [word, value]) => text.replaceAll(`<${word}>`, value),
    command,
  );
  const left = /<[a-z-]+>/.exec(line);
  if (left) throw new Error(`${left[0]} is not filled in: ${command}`);
  return line;
}
