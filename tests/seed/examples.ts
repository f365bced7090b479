/** The YAML of the page, with the indentation that the page has lost. */

const head = `apiVersion: aim.eai.amd.com/v1alpha1
kind: AIMService
metadata:
  name: qwen-service
  namespace: ml-team
spec:
`;

export const byName = `${head}  model:
    name: qwen-qwen3-32b
`;

export const byImage = `${head}  model:
    image: amdenterpriseai/aim-qwen-qwen3-32b:0.8.5
`;

export const withTemplate = `${head}  model:
    name: qwen-qwen3-32b
  template:
    name: qwen3-32b-mi300x-fp16-latency
`;
