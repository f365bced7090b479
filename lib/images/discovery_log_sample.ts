/** For tests: what the image of the worked example prints when it is asked for its profiles (models-and-templates.md §6.1). */

/** The array, in one line. */
export const exampleArray =
  `[{"filename":"vllm-mi300x-fp16-tp1-latency.yaml","profile":{"model":"Qwen/Qwen3-32B","quantized_model":"","metadata":{"engine":"vllm","gpu":"MI300X","precision":"fp16","gpu_count":1,"metric":"latency","type":"optimized"},"engine_args":{"gpu-memory-utilization":0.95,"tensor-parallel-size":1},"env_vars":{"VLLM_USE_V1":"1"}},"models":[{"name":"Qwen/Qwen3-32B","source":"hf://Qwen/Qwen3-32B","size_gb":61.5}]}]`;

/** The whole log. */
export const exampleLog = `some noise\n${exampleArray}\n`;
