import type { Conversation, Row } from "../conversation.ts";

const get = (path: string, accept?: string): Row => ({ request: `GET ${path}`, accept });
const review = (attributes: unknown): Row => ({
  request: "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
  body: {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    spec: { resourceAttributes: attributes },
  },
});

export const discovery: Conversation = {
  name: "discovery",
  rows: [
    get("/apis/conversation.test"),
    get("/apis/conversation.test/v1"),
    get("/apis/conversation.test/v2"),
    get("/apis/nowhere.test"),
    get("/apis/nowhere.test/v1"),
    get("/api"),
    review({ verb: "get", resource: "pods", namespace: "$ns" }),
    {
      request: "POST /apis/authentication.k8s.io/v1/selfsubjectreviews",
      body: { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" },
    },
    {
      request: "POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions?fieldManager=maker",
      body: {
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
        metadata: { name: "thing.conversation.test" },
        spec: {
          group: "conversation.test",
          names: { kind: "Thing", plural: "things" },
          scope: "Namespaced",
          versions: [{
            name: "v1",
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: "object" } },
          }],
        },
      },
    },
    {
      request: "POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions?fieldManager=maker",
      body: {
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
        metadata: { name: "things.conversation.test" },
        spec: {
          group: "conversation.test",
          names: { kind: "Thing", plural: "things" },
          scope: "Namespaced",
          versions: [{
            name: "v1",
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: "object" } },
          }],
        },
      },
    },
    { request: "GET /apis/conversation.test/v1/namespaces/$ns/things", until: 200 },
    get("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.conversation.test"),
    {
      request: "POST /apis/conversation.test/v1/namespaces/$ns/things?fieldManager=maker",
      body: { apiVersion: "conversation.test/v1", kind: "Thing", metadata: { name: "t" }, a: 1 },
    },
    { request: "DELETE /apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.conversation.test" },
    { request: "GET /apis/conversation.test/v1/namespaces/$ns/things", until: 404 },
    {
      request: "GET /apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.conversation.test",
      until: 404,
    },
  ],
};
