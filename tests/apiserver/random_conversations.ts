/**
 * Random conversations: what a few writers and readers ask of a few objects of one kind, in any order. Made of the same
 * bodies as the written ones, by seed.
 */
import fc from "fast-check";
import { mergePatch } from "../../lib/apiserver/patch/mod.ts";
import type { Conversation, Row } from "./conversation.ts";
import { customSubjects } from "./conversations/custom_subjects.ts";
import { builtIn, type Subject } from "./conversations/subjects.ts";

type Fields = Record<string, unknown>;

/**
 * Fragments that are known to be answered otherwise: by `known_differences.ts`, and those that ask for a certain address or
 * port of a Service, which are looked at in another way where they are not only tried.
 */
function isKnown(kind: string, fragment: Fields): boolean {
  const text = JSON.stringify(fragment);
  return kind === "Lease" || kind === "PersistentVolumeClaim" && text.includes('"1.5"') ||
    kind === "Service" && /"nodePort":80|"clusterIP":/.test(text);
}

/** Kinds of the whole cluster are left out: conversations that are held at once would meet. */
const subjects: readonly Subject[] = [...builtIn, ...customSubjects].filter(({ cluster }) => !cluster).map(
  (subject) => ({ ...subject, bad: subject.bad.filter((fragment) => !isKnown(subject.kind, fragment)) }),
);

const table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

function pathOf({ apiVersion, plural }: Subject): string {
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${root}/namespaces/$ns/${plural}`;
}

const names = fc.constantFrom("a", "b");
const managers = fc.constantFrom("one", "two", "three");
const flag = (weight: number) => fc.integer({ min: 1, max: 10 }).map((drawn) => drawn <= weight);

/** What is said of metadata besides the name. */
const metadata: fc.Arbitrary<Fields> = fc.record({
  labels: fc.dictionary(fc.constantFrom("x", "y", "z"), fc.constantFrom("1", "2"), { maxKeys: 2 }),
  annotations: fc.dictionary(fc.constantFrom("n", "m"), fc.constantFrom("1", "2"), { maxKeys: 2 }),
  finalizers: fc.constantFrom([], ["example.com/one"], ["example.com/one", "example.com/two"]),
}, { requiredKeys: [] });

/** Of merge patches also what takes something away. */
const metadataPatch: fc.Arbitrary<Fields> = fc.oneof(
  { weight: 4, arbitrary: metadata },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Fields>({ labels: null }, { labels: { x: null } }, { finalizers: null }),
  },
);

function bodiesOf(subject: Subject): fc.Arbitrary<Fields> {
  const { apiVersion, kind, good, change, bad } = subject;
  const fragments = [{}, {}, {}, change, ...bad];
  return fc.record({ said: metadata, fragment: fc.constantFrom(...fragments), unknown: flag(1) }).map(
    ({ said, fragment, unknown }) => ({
      ...mergePatch(structuredClone({ ...good, metadata: said }), fragment) as Fields,
      ...(unknown ? { nonsense: { deep: 1 } } : {}),
      apiVersion,
      kind,
    }),
  );
}

const named = (body: Fields, name: string): Fields => ({
  ...body,
  metadata: { ...body.metadata as Fields, name },
});

function rowsOf(subject: Subject): fc.Arbitrary<Row> {
  const path = pathOf(subject);
  const { change, json, status, bad, fixed = [], apiVersion, kind, custom } = subject;
  const options = fc.record({
    manager: managers,
    dryRun: flag(2),
    validation: fc.constantFrom("", "", "Strict", "Ignore"),
  })
    .map(({ manager, dryRun, validation }) =>
      `fieldManager=${manager}${dryRun ? "&dryRun=All" : ""}${validation && `&fieldValidation=${validation}`}`
    );
  const bodies = bodiesOf(subject);
  const changes: fc.Arbitrary<Fields> = fc.record({
    said: metadataPatch,
    fragment: fc.constantFrom<Fields>({}, {}, change, change, ...bad, ...fixed),
  }).map(({ said, fragment }) => mergePatch({ metadata: said }, fragment) as Fields);
  const patch = (suffix: string, type: string, options: string, body: unknown): Row => ({
    request: `PATCH ${path}/${suffix}?${options}`,
    body,
    type: type === "apply" ? "application/apply-patch+yaml" : `application/${type}-patch+json`,
  });
  const operations = fc.array(
    fc.constantFrom<Fields>(
      { op: "add", path: json[0], value: json[1] },
      { op: "replace", path: json[0], value: json[1] },
      { op: "remove", path: json[0] },
      { op: "add", path: "/metadata/labels", value: { x: "9" } },
      { op: "add", path: "/metadata/labels/y", value: "9" },
      { op: "remove", path: "/metadata/labels/x" },
      { op: "remove", path: "/metadata/finalizers" },
      { op: "test", path: "/metadata/labels/x", value: "1" },
      { op: "copy", from: "/metadata/name", path: "/metadata/labels/z" },
    ),
    { minLength: 1, maxLength: 3 },
  );
  const said: fc.Arbitrary<Fields> = fc.record({
    said: metadata,
    parts: fc.constantFrom<Fields>(
      {},
      { ...subject.good },
      change,
      mergePatch(structuredClone(subject.good), change) as Fields,
    ),
  }).map(({ said, parts }) => ({ ...mergePatch({ metadata: said }, parts) as Fields, apiVersion, kind }));

  const weighted: { weight: number; arbitrary: fc.Arbitrary<Row> }[] = [
    {
      weight: 5,
      arbitrary: fc.tuple(names, options, bodies).map(([name, options, body]) => ({
        request: `POST ${path}?${options}`,
        body: named(body, name),
      })),
    },
    {
      weight: 3,
      arbitrary: fc.tuple(names, options, bodies, fc.constantFrom("", "now", "first")).map(
        ([name, options, body, version]) => ({
          request: `PUT ${path}/${name}?${options}`,
          body: mergePatch(named(body, name), {
            metadata: version === ""
              ? {}
              : { resourceVersion: `$(${version}-${name}.metadata.resourceVersion)` },
          }),
        }),
      ),
    },
    {
      weight: 4,
      arbitrary: fc.tuple(names, options, changes).map(([name, options, body]) =>
        patch(name, "merge", options, body)
      ),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(names, options, operations).map(([name, options, body]) =>
        patch(name, "json", options, body)
      ),
    },
    {
      weight: 6,
      arbitrary: fc.tuple(names, managers, flag(3), flag(2), said).map((
        [name, manager, force, dryRun, body],
      ) =>
        patch(
          name,
          "apply",
          `fieldManager=${manager}&force=${force}${dryRun ? "&dryRun=All" : ""}`,
          named(body, name),
        )
      ),
    },
    {
      weight: 3,
      arbitrary: fc.tuple(
        names,
        // The pods of a Job that goes without a word stay: nobody sees to that beside an API server alone.
        kind === "Job"
          ? fc.constant("?propagationPolicy=Background")
          : fc.constantFrom("", "?dryRun=All", "?propagationPolicy=Background", "?gracePeriodSeconds=0"),
        fc.constantFrom(undefined, undefined, "now", "first"),
      ).map(([name, query, version]) => ({
        request: `DELETE ${path}/${name}${query}`,
        body: version === undefined ? undefined : {
          propagationPolicy: "Background",
          preconditions: { uid: `$(${version}-${name}.metadata.uid)` },
        },
      })),
    },
    {
      weight: 4,
      arbitrary: fc.tuple(names, fc.constantFrom(undefined, undefined, table)).map(([name, accept]) => ({
        request: `GET ${path}/${name}`,
        accept,
        ...(accept === undefined ? { as: `now-${name}` } : {}),
      })),
    },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        "labelSelector=x",
        "labelSelector=x%3D1",
        "labelSelector=x%20in%20(1,2),!y",
        "labelSelector=z!%3D1",
        "fieldSelector=metadata.name%3Da",
        "fieldSelector=metadata.name!%3Da",
        "limit=1",
      ).map((query) => ({ request: `GET ${path}?${query}` })),
    },
    {
      weight: 1,
      arbitrary: fc.constant({ request: `DELETE ${path}?labelSelector=x%3D1&propagationPolicy=Background` }),
    },
  ];
  if (!custom) {
    weighted.push({
      weight: 2,
      arbitrary: fc.tuple(names, options, changes).map(([name, options, body]) =>
        patch(name, "strategic-merge", options, body)
      ),
    });
  }
  if (status !== undefined) {
    weighted.push({
      weight: 2,
      arbitrary: fc.tuple(
        names,
        options,
        metadataPatch,
        fc.constantFrom<Fields>({ status }, { status: null }, {}),
      ).map(
        ([name, options, said, body]) =>
          patch(`${name}/status`, "merge", options, { metadata: said, ...body }),
      ),
    }, {
      weight: 1,
      arbitrary: fc.tuple(names, options, bodies, fc.constantFrom<Fields>({ status }, {})).map(
        ([name, options, body, said]) => ({
          request: `PUT ${path}/${name}/status?${options}`,
          body: {
            ...named(body, name),
            ...said,
            metadata: {
              ...body.metadata as Fields,
              name,
              resourceVersion: `$(now-${name}.metadata.resourceVersion)`,
            },
          },
        }),
      ),
    }, {
      weight: 1,
      arbitrary: fc.tuple(names, managers, flag(3)).map(([name, manager, force]) =>
        patch(`${name}/status`, "apply", `fieldManager=${manager}&force=${force}`, {
          apiVersion,
          kind,
          metadata: { name },
          status,
        })
      ),
    });
  }
  return fc.oneof(...weighted);
}

/** A conversation without its name, and what it is about. */
export interface Drawn {
  readonly subject: Subject;
  readonly rows: readonly Row[];
  /** Whether it begins with both objects, else with none: what is stale later was there then. */
  readonly begun: boolean;
  /** Whether it ends with a look at everything that happened. */
  readonly watched: boolean;
}

export function draw(seed: number, count: number, longest: number): Drawn[] {
  const one = fc.constantFrom(...subjects).chain((subject) =>
    fc.record({
      subject: fc.constant(subject),
      rows: fc.array(rowsOf(subject), { minLength: 4, maxLength: longest, size: "max" }),
      begun: flag(8),
      watched: flag(1),
    })
  );
  return fc.sample(one, { seed, numRuns: count });
}

/** The conversation: what is there before, the drawn rows, and in the end what there is. */
export function conversationOf({ subject, rows, begun, watched }: Drawn, name: string): Conversation {
  const path = pathOf(subject);
  const before = (subject.before ?? []).map(([at, body]): Row => ({ request: `POST ${at}`, body }));
  const { apiVersion, kind, good } = subject;
  const first = ["a", "b"].map((each): Row => ({
    ...begun
      ? { request: `POST ${path}?fieldManager=one`, body: named({ ...good, apiVersion, kind }, each) }
      : { request: `GET ${path}/${each}` },
    as: `first-${each}`,
  }));
  const stream = {
    request: `GET ${path}?watch=true&timeoutSeconds=3&resourceVersion=$(begun.metadata.resourceVersion)`,
  };
  return {
    name,
    rows: [
      ...before,
      { request: `GET ${path}`, as: "begun" },
      ...first,
      ...["a", "b"].map((each): Row => ({ request: `GET ${path}/${each}`, as: `now-${each}` })),
      ...rows,
      { request: `GET ${path}` },
      ...watched ? [{ ...stream, lines: 1_000 }] : [],
    ],
  };
}
