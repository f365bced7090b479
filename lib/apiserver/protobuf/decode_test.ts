/** Bodies as kubectl sends them are read as what it prints of the same object. */
import assert from "node:assert/strict";
import { objectOfProtobuf } from "./decode.ts";

/** What was typed; the body that kubectl 1.35 sent; what it printed with `--dry-run=client -o json`. */
const bodies: readonly (readonly [typed: string, base64: string, printed: string])[] = [
  [
    "create secret generic one --from-literal=a=b",
    "azhzAAoMCgJ2MRIGU2VjcmV0Eh8KEwoDb25lEgAaACIAKgAyADgAQgASBgoBYRIBYhoAGgAiAA==",
    '{"kind":"Secret","apiVersion":"v1","metadata":{"name":"one"},"data":{"a":"Yg=="}}',
  ],
  [
    "create deployment one --image=x:1 --replicas=2 --port=80",
    "azhzAAoVCgdhcHBzL3YxEgpEZXBsb3ltZW50ErIBCh8KA29uZRIAGgAiACoAMgA4AEIAWgoKA2FwcBIDb25lEoABCAISDAoKCgNhcHASA29uZRpmChwKABIAGgAiACoAMgA4AEIAWgoKA2FwcBIDb25lEkYSKAoBeBIDeDoxKgAyCgoAEAAYUCIAKgBCAGoAcgCAAQCIAQCQAQCiAQAaADIAQgBKAFIAWABgAGgAggEAigEAmgEAwgEAIgIKACgAOAAaDAgAEAAYACAAKAA4ABoAIgA=",
    '{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"one","labels":{"app":"one"}},"spec":{"replicas":2,"selector":{"matchLabels":{"app":"one"}},"template":{"metadata":{"labels":{"app":"one"}},"spec":{"containers":[{"name":"x","image":"x:1","ports":[{"containerPort":80}],"resources":{}}]}},"strategy":{}},"status":{}}',
  ],
  [
    "create cronjob one --image=x:1 --schedule=* * * * * -- run it",
    "azhzAAoTCghiYXRjaC92MRIHQ3JvbkpvYhKkAQoTCgNvbmUSABoAIgAqADIAOABCABKKAQoJKiAqICogKiAqGgAqewoTCgNvbmUSABoAIgAqADIAOABCABJkMmIKEAoAEgAaACIAKgAyADgAQgASThInCgNvbmUSA3g6MRoDcnVuGgJpdCoAQgBqAHIAgAEAiAEAkAEAogEAGglPbkZhaWx1cmUyAEIASgBSAFgAYABoAIIBAIoBAJoBAMIBABoAGgAiAA==",
    '{"kind":"CronJob","apiVersion":"batch/v1","metadata":{"name":"one"},"spec":{"schedule":"* * * * *","jobTemplate":{"metadata":{"name":"one"},"spec":{"template":{"metadata":{},"spec":{"containers":[{"name":"one","image":"x:1","command":["run","it"],"resources":{}}],"restartPolicy":"OnFailure"}}}}},"status":{}}',
  ],
  [
    "create service nodeport one --tcp=80:8080 --node-port=30080",
    "azhzAAoNCgJ2MRIHU2VydmljZRJqCh8KA29uZRIAGgAiACoAMgA4AEIAWgoKA2FwcBIDb25lEkMKHQoHODAtODA4MBIDVENQGFAiBwgAEJA/GgAogOsBEgoKA2FwcBIDb25lGgAiCE5vZGVQb3J0OgBCAFIAWgBgAGgAGgIKABoAIgA=",
    '{"kind":"Service","apiVersion":"v1","metadata":{"name":"one","labels":{"app":"one"}},"spec":{"ports":[{"name":"80-8080","protocol":"TCP","port":80,"targetPort":8080,"nodePort":30080}],"selector":{"app":"one"},"type":"NodePort"},"status":{"loadBalancer":{}}}',
  ],
  [
    "create role one --verb=get,list --resource=pods",
    "azhzAAokChxyYmFjLmF1dGhvcml6YXRpb24uazhzLmlvL3YxEgRSb2xlEioKEwoDb25lEgAaACIAKgAyADgAQgASEwoDZ2V0CgRsaXN0EgAaBHBvZHMaACIA",
    '{"kind":"Role","apiVersion":"rbac.authorization.k8s.io/v1","metadata":{"name":"one"},"rules":[{"verbs":["get","list"],"apiGroups":[""],"resources":["pods"]}]}',
  ],
  [
    "create pdb one --selector=a=b --min-available=50%",
    "azhzAAogCglwb2xpY3kvdjESE1BvZERpc3J1cHRpb25CdWRnZXQSOAoTCgNvbmUSABoAIgAqADIAOABCABIVCgkIARAAGgM1MCUSCAoGCgFhEgFiGgoIABgAIAAoADAAGgAiAA==",
    '{"kind":"PodDisruptionBudget","apiVersion":"policy/v1","metadata":{"name":"one"},"spec":{"minAvailable":"50%","selector":{"matchLabels":{"a":"b"}}},"status":{"disruptionsAllowed":0,"currentHealthy":0,"desiredHealthy":0,"expectedPods":0}}',
  ],
  [
    "create priorityclass one --value=1000 --description=text",
    "azhzAAolChRzY2hlZHVsaW5nLms4cy5pby92MRINUHJpb3JpdHlDbGFzcxI2ChMKA29uZRIAGgAiACoAMgA4AEIAEOgHGAAiBHRleHQqFFByZWVtcHRMb3dlclByaW9yaXR5GgAiAA==",
    '{"kind":"PriorityClass","apiVersion":"scheduling.k8s.io/v1","metadata":{"name":"one"},"value":1000,"description":"text","preemptionPolicy":"PreemptLowerPriority"}',
  ],
  [
    "create quota one --hard=pods=2,cpu=1500m",
    "azhzAAoTCgJ2MRINUmVzb3VyY2VRdW90YRI2ChMKA29uZRIAGgAiACoAMgA4AEIAEh0KDgoDY3B1EgcKBTE1MDBtCgsKBHBvZHMSAwoBMhoAGgAiAA==",
    '{"kind":"ResourceQuota","apiVersion":"v1","metadata":{"name":"one"},"spec":{"hard":{"cpu":"1500m","pods":"2"}},"status":{}}',
  ],
  [
    "create ingress one --rule=a.test/path*=plain:80",
    "azhzAAofChRuZXR3b3JraW5nLms4cy5pby92MRIHSW5ncmVzcxJLChMKA29uZRIAGgAiACoAMgA4AEIAEjAaLgoGYS50ZXN0EiQKIgogCgUvcGF0aBIPIg0KBXBsYWluEgQKABBQGgZQcmVmaXgaAgoAGgAiAA==",
    '{"kind":"Ingress","apiVersion":"networking.k8s.io/v1","metadata":{"name":"one"},"spec":{"rules":[{"host":"a.test","http":{"paths":[{"path":"/path","pathType":"Prefix","backend":{"service":{"name":"plain","port":{"number":80}}}}]}}]},"status":{"loadBalancer":{}}}',
  ],
];

for (const [typed, base64, printed] of bodies) {
  Deno.test(`protobuf: kubectl ${typed}`, () => {
    const object = objectOfProtobuf(Uint8Array.fromBase64(base64));
    assert.deepEqual(filled(object), filled(JSON.parse(printed)));
  });
}

Deno.test("protobuf: what is none, is of no built-in kind, or is cut, is not read", () => {
  const whole = Uint8Array.fromBase64(bodies[0][1]);
  assert.equal(objectOfProtobuf(new TextEncoder().encode("{}")), undefined);
  assert.equal(objectOfProtobuf(whole.subarray(0, 30)), undefined);
  const other = new TextEncoder().encode("Nobody");
  const renamed = Uint8Array.from(whole);
  renamed.set(other, new TextDecoder("latin1").decode(whole).indexOf("Secret"));
  assert.equal(objectOfProtobuf(renamed), undefined);
});

/** Without members that are as good as nothing, which Go writes where it has no pointer. */
function filled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(filled);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([key, item]) => [key, filled(item)] as const);
  return Object.fromEntries(
    members.filter(([, item]) => !isNothing(item)).sort(([a], [b]) => a < b ? -1 : 1),
  );
}

function isNothing(value: unknown): boolean {
  if (value === null || value === undefined || value === "" || value === 0 || value === false) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}
