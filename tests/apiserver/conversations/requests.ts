/** Requests of conversations about found differences, in few words. */
import type { Row } from "../conversation.ts";

export type Fields = Record<string, unknown>;

export const core = "/api/v1/namespaces/$ns";
export const group = (name: string) => `/apis/${name}/namespaces/$ns`;
export const write = (method: "POST" | "PUT", path: string, body: Fields): Row => {
  return { request: `${method} ${path}?fieldManager=writer`, body };
};
export const patch = (type: "merge" | "strategic-merge", path: string, body: Fields): Row => ({
  request: `PATCH ${path}?fieldManager=patcher`,
  body,
  type: `application/${type}-patch+json`,
});
export const apply = (path: string, manager: string, body: Fields): Row => ({
  request: `PATCH ${path}?fieldManager=${manager}`,
  body,
  type: "application/apply-patch+yaml",
});

export const object = (
  apiVersion: string,
  kind: string,
  name: string,
  more: Fields = {},
  metadata: Fields = {},
) => ({
  apiVersion,
  kind,
  metadata: { name, ...metadata },
  ...more,
});
