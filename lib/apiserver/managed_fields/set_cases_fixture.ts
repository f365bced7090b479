/**
 * What structured-merge-diff 6.3 says of values with a schema: facts out of its own tests (`typed/*_test.go`), in a notation of
 * ours. Values are JSON; sets are paths as messages write them, with a space between. Its schemas that no kind can have are
 * left out.
 */
import type { SchemaNode } from "../schema/schema.ts";

const text: SchemaNode = { type: "string" };
const number: SchemaNode = { type: "number" };
const truth: SchemaNode = { type: "boolean" };
const anything: SchemaNode = {};
const map = (additionalProperties: SchemaNode): SchemaNode => ({ type: "object", additionalProperties });
const object = (properties: Record<string, SchemaNode>): SchemaNode => ({ type: "object", properties });
const list = (items: SchemaNode): SchemaNode => ({ type: "array", items });
const set = (items: SchemaNode): SchemaNode => ({ ...list(items), "x-kubernetes-list-type": "set" });
const keyed = (items: SchemaNode, ...keys: string[]): SchemaNode => ({
  ...list(items),
  "x-kubernetes-list-type": "map",
  "x-kubernetes-list-map-keys": keys,
});
const atomic = (node: SchemaNode): SchemaNode => ({ ...node, "x-kubernetes-map-type": "atomic" });

const mapOfMaps: SchemaNode = { type: "object" };
mapOfMaps.additionalProperties = mapOfMaps;

/** The schemas of the cases, by name. */
export const schemas = {
  pair: object({ key: text, value: anything }),
  innerMap: object({ inner: map(anything) }),
  innerStruct: object({ inner: object({ value: anything }) }),
  innerList: object({ inner: list(anything) }),
  mapOfMaps,
  free: { "x-kubernetes-preserve-unknown-fields": true },
  bag: object({
    numeric: number,
    string: text,
    bool: truth,
    setStr: set(text),
    setBool: set(truth),
    setNumeric: set(number),
    color: atomic(object({ R: number, G: number, B: number })),
    light: atomic(map(number)),
    args: list(object({ key: text, value: text })),
  }),
  keyed: object({
    list: keyed(object({ key: text, id: number, value: map(text), bv: truth, nv: number }), "key", "id"),
    atomicList: list(text),
    atomicMap: atomic(map(text)),
  }),
  nested: object({
    lists: keyed(object({ name: text, value: set(text) }), "name"),
    maps: keyed(object({ name: text, value: map(text) }), "name"),
    mapOfLists: map(set(text)),
    mapOfMaps: map(map(text)),
    deep: mapOfMaps,
    struct: object({ name: text, value: number }),
  }),
} satisfies Record<string, SchemaNode>;

export type SchemaName = keyof typeof schemas;

/** Schema, value, the fields that it says something about. */
export const fieldSetCases: readonly (readonly [SchemaName, string, string])[] = [
  ["pair", `{"key":"foo","value":1}`, ".key .value"],
  ["pair", `{"key":"foo","value":{"a":"b"}}`, ".key .value"],
  ["pair", `{"key":"foo","value":null}`, ".key .value"],
  ["pair", `{"key":"foo"}`, ".key"],
  ["pair", `{"key":"foo","value":true}`, ".key .value"],
  ["bag", `{"numeric":1}`, ".numeric"],
  ["bag", `{"numeric":3.14159}`, ".numeric"],
  ["bag", `{"string":"x"}`, ".string"],
  ["bag", `{"bool":true}`, ".bool"],
  ["bag", `{"bool":false}`, ".bool"],
  ["bag", `{"setStr":["a","b","c"]}`, `.setStr[="a"] .setStr[="b"] .setStr[="c"]`],
  ["bag", `{"setStr":["a","b","c","a","b","c","c"]}`, `.setStr[="a"] .setStr[="b"] .setStr[="c"]`],
  ["bag", `{"setBool":[true,false,true]}`, ".setBool[=false] .setBool[=true]"],
  [
    "bag",
    `{"setNumeric":[1,2,3,3.14159]}`,
    ".setNumeric[=1] .setNumeric[=2] .setNumeric[=3] .setNumeric[=3.14159]",
  ],
  ["bag", `{"color":{}}`, ".color"],
  ["bag", `{"color":null}`, ".color"],
  ["bag", `{"color":{"R":255,"G":0,"B":0}}`, ".color"],
  ["bag", `{"light":{}}`, ".light"],
  ["bag", `{"light":null}`, ".light"],
  ["bag", `{"light":{"IR":255}}`, ".light"],
  ["bag", `{"args":[]}`, ".args"],
  ["bag", `{"args":null}`, ".args"],
  ["bag", `{"args":[null]}`, ".args"],
  ["bag", `{"args":[{"key":"a","value":"b"},{"key":"c","value":"d"}]}`, ".args"],
  ["keyed", `{"list":[]}`, ""],
  [
    "keyed",
    `{"list":[{"key":"a","id":1,"value":{"a":"a"}}]}`,
    `.list[id=1,key="a"] .list[id=1,key="a"].id .list[id=1,key="a"].key .list[id=1,key="a"].value.a`,
  ],
  [
    "keyed",
    `{"list":[{"key":"a","id":1},{"key":"a","id":2},{"key":"b","id":1}]}`,
    `.list[id=1,key="a"] .list[id=1,key="a"].id .list[id=1,key="a"].key .list[id=1,key="b"] .list[id=1,key="b"].id ` +
    `.list[id=1,key="b"].key .list[id=2,key="a"] .list[id=2,key="a"].id .list[id=2,key="a"].key`,
  ],
  [
    "keyed",
    `{"list":[{"key":"a","id":1,"nv":2},{"key":"a","id":2,"nv":3},{"key":"b","id":1},{"key":"a","id":2,"bv":true}]}`,
    `.list[id=1,key="a"] .list[id=1,key="a"].id .list[id=1,key="a"].key .list[id=1,key="a"].nv .list[id=1,key="b"] ` +
    `.list[id=1,key="b"].id .list[id=1,key="b"].key .list[id=2,key="a"]`,
  ],
  ["keyed", `{"atomicList":["a","a","a"]}`, ".atomicList"],
];

const a1 = `.list[id=1,key="a"] .list[id=1,key="a"].id .list[id=1,key="a"].key`;
const a1value = `${a1} .list[id=1,key="a"].value .list[id=1,key="a"].value.a`;
const a2 = `.list[id=2,key="a"] .list[id=2,key="a"].id .list[id=2,key="a"].key`;
const a2value = `${a2} .list[id=2,key="a"].value .list[id=2,key="a"].value.a`;
const b1 = `.list[id=1,key="b"] .list[id=1,key="b"].id .list[id=1,key="b"].key`;

/** What an empty value is against none and against null; the same of maps, structs and lists. */
function emptiness(
  schema: SchemaName,
  empty: string,
): (readonly [SchemaName, string, string, string, string, string])[] {
  return [
    [schema, `{}`, `{"inner":${empty}}`, "", "", ".inner"],
    [schema, `{}`, `{"inner":null}`, "", "", ".inner"],
    [schema, `{"inner":null}`, `{"inner":${empty}}`, "", ".inner", ""],
    [schema, `{"inner":${empty}}`, `{"inner":null}`, "", ".inner", ""],
    [schema, `{"inner":${empty}}`, `{"inner":${empty}}`, "", "", ""],
  ];
}

/** Schema, before, after, removed, modified, added. Each holds the other way round too. */
export const comparisonCases: readonly (readonly [SchemaName, string, string, string, string, string])[] = [
  ["pair", `{"key":"foo","value":1}`, `{"key":"foo","value":1}`, "", "", ""],
  ["pair", `{"key":"foo","value":{}}`, `{"key":"foo","value":1}`, "", ".value", ""],
  [
    "pair",
    `{"key":"foo","value":1}`,
    `{"key":"foo","value":{"some":"thing","or":{"how":"deep"}}}`,
    "",
    ".value",
    "",
  ],
  ["pair", `{"key":"foo","value":null}`, `{"key":"foo","value":{}}`, "", ".value", ""],
  ["pair", `{"key":"foo"}`, `{"value":true}`, ".key", "", ".value"],
  ["pair", `{"key":"foot"}`, `{"key":"foo","value":true}`, "", ".key", ".value"],
  ...emptiness("innerMap", "{}"),
  ...emptiness("innerStruct", "{}"),
  ...emptiness("innerList", "[]"),
  ["mapOfMaps", `{"a":{},"b":{}}`, `{"a":{},"b":{}}`, "", "", ""],
  ["mapOfMaps", `{"a":{}}`, `{"b":{}}`, ".a", "", ".b"],
  ["mapOfMaps", `{"a":{"b":{"c":{}}}}`, `{"a":{"b":{}}}`, ".a.b.c", "", ""],
  ["mapOfMaps", `{"a":{}}`, `{"a":{"b":{}}}`, "", "", ".a.b"],
  ["free", `{"a":{}}`, `{"a":{"b":{}}}`, "", "", ".a.b"],
  ["free", `{"a":null}`, `{"a":{"b":{}}}`, "", "", ".a.b"],
  ["free", `{"a":[]}`, `{"a":["b"]}`, "", ".a", ""],
  ["free", `{"a":null}`, `{"a":["b"]}`, "", ".a", ""],
  ["free", `{"a":null}`, `{"a":"b"}`, "", ".a", ""],
  ["free", `{"a":{"b":{}}}`, `{"a":["b"]}`, ".a.b", ".a", ""],
  ["free", `{"a":{"b":{}}}`, `{"a":"b"}`, ".a.b", ".a", ""],
  ["free", `{"a":["b"]}`, `{"a":"b"}`, "", ".a", ""],
  ["bag", `{"numeric":1}`, `{"numeric":3.14159}`, "", ".numeric", ""],
  ["bag", `{"string":"x"}`, `{"bool":true}`, ".string", "", ".bool"],
  ["bag", `{"setStr":["a","b"]}`, `{"setStr":["a","b","c"]}`, "", "", `.setStr[="c"]`],
  ["bag", `{"setStr":["a"]}`, `{"setStr":["a","b","b"]}`, "", "", `.setStr[="b"]`],
  ["bag", `{"setStr":["a","b"]}`, `{"setStr":["a","b","b"]}`, `.setStr[="b"]`, "", `.setStr[="b"]`],
  ["bag", `{"setStr":["b","b"]}`, `{"setStr":["a","b","b"]}`, "", "", `.setStr[="a"]`],
  ["bag", `{"setStr":["a","b","c"]}`, `{"setStr":[]}`, `.setStr[="a"] .setStr[="b"] .setStr[="c"]`, "", ""],
  ["bag", `{"setBool":[true]}`, `{"setBool":[false]}`, ".setBool[=true]", "", ".setBool[=false]"],
  [
    "bag",
    `{"setNumeric":[1,2,3.14159]}`,
    `{"setNumeric":[1,2,3]}`,
    ".setNumeric[=3.14159]",
    "",
    ".setNumeric[=3]",
  ],
  [
    "bag",
    `{"setStr":["a","b","b","c","a"]}`,
    `{"setStr":[]}`,
    `.setStr[="a"] .setStr[="b"] .setStr[="c"]`,
    "",
    "",
  ],
  ["bag", `{"setBool":[true,true]}`, `{"setBool":[false]}`, ".setBool[=true]", "", ".setBool[=false]"],
  [
    "bag",
    `{"setNumeric":[1,2,2,3.14159,1]}`,
    `{"setNumeric":[1,2,3]}`,
    ".setNumeric[=1] .setNumeric[=2] .setNumeric[=3.14159]",
    "",
    ".setNumeric[=1] .setNumeric[=2] .setNumeric[=3]",
  ],
  ["keyed", `{}`, `{"list":[{"key":"a","id":1,"value":{"a":"a"}}]}`, "", "", `.list ${a1value}`],
  [
    "keyed",
    `{"list":[{"key":"a","id":1,"value":{"a":"a"}}]}`,
    `{"list":[{"key":"a","id":1,"value":{"a":"a"}}]}`,
    "",
    "",
    "",
  ],
  [
    "keyed",
    `{"list":[{"key":"a","id":1,"value":{"a":"a"}}]}`,
    `{"list":[{"key":"a","id":1,"value":{"a":"b"}}]}`,
    "",
    `.list[id=1,key="a"].value.a`,
    "",
  ],
  [
    "keyed",
    `{"list":[{"key":"a","id":1,"value":{"a":"a"}}]}`,
    `{"list":[{"key":"a","id":2,"value":{"a":"a"}}]}`,
    a1value,
    "",
    a2value,
  ],
  [
    "keyed",
    `{"list":[{"key":"a","id":1},{"key":"b","id":1}]}`,
    `{"list":[{"key":"a","id":1},{"key":"a","id":2}]}`,
    b1,
    "",
    a2,
  ],
  ["keyed", `{"atomicList":["a","a","a"]}`, `{"atomicList":null}`, "", ".atomicList", ""],
  ["keyed", `{"atomicList":["a","b","c"]}`, `{"atomicList":[]}`, "", ".atomicList", ""],
  ["keyed", `{"atomicList":["a","a","a"]}`, `{"atomicList":["a","a"]}`, "", ".atomicList", ""],
  [
    "keyed",
    `{"list":[{"key":"a","id":1,"nv":2},{"key":"b","id":1},{"key":"a","id":1,"bv":true}]}`,
    `{"list":[{"key":"a","id":1},{"key":"a","id":2}]}`,
    `.list[id=1,key="a"] ${b1}`,
    "",
    `${a1} ${a2}`,
  ],
  [
    "keyed",
    `{"list":[{"key":"a","id":1},{"key":"b","id":1},{"key":"a","id":1,"bv":true}]}`,
    `{"list":[{"key":"a","id":1},{"key":"b","id":1},{"key":"a","id":1,"bv":true,"nv":1}]}`,
    "",
    `.list[id=1,key="a"]`,
    "",
  ],
  [
    "keyed",
    `{"list":[{"key":"a","id":1},{"key":"b","id":1},{"key":"a","id":1,"bv":true}]}`,
    `{"list":[{"key":"a","id":1},{"key":"b","id":1,"bv":true},{"key":"a","id":1,"bv":true}]}`,
    "",
    "",
    `.list[id=1,key="b"].bv`,
  ],
  [
    "keyed",
    `{"list":[{"key":"a","id":1},{"key":"b","id":1},{"key":"a","id":1,"bv":true}]}`,
    `{"list":[{"key":"a","id":1},{"key":"b","id":1},{"key":"a","id":1,"bv":true}],"atomicList":["unrelated"]}`,
    "",
    "",
    ".atomicList",
  ],
];

/** Of a set of texts: live, said, merged. Letters are items. */
const orders: readonly (readonly [string, string, string])[] = [
  ["abc", "ab", "abc"],
  ["ab", "abc", "abc"],
  ["abc", "", "abc"],
  ["", "abc", "abc"],
  ["ab", "ba", "ba"],
  ["abc", "def", "abcdef"],
  ["abc", "cdef", "abcdef"],
  ["abcgf", "cdef", "abcgdef"],
  ["abc", "defxyz", "abcdefxyz"],
  ["cdef", "ace", "acdef"],
  ["abcxyz", "def", "abcxyzdef"],
  ["abcxyz", "defxyz", "abcdefxyz"],
  ["cagf", "cfag", "cfag"],
  ["abcd", "defa", "bcdefa"],
  ["cdefghij", "2h3e4kl", "cdfg2hij3e4kl"],
  ["abcdefghij", "1b2h3e4kl", "a1bcdfg2hij3e4kl"],
  // Items that are there twice.
  ["abb", "c", "abbc"],
  ["abb", "b", "ab"],
  ["abb", "a", "abb"],
  ["abcdec", "1b2ed", "a1bc2ecd"],
  ["abcdec", "1b2ced", "a1b2ced"],
  ["aabb", "bcd", "aabcd"],
  ["aabb", "", "aabb"],
  ["cagfca", "cfag", "cfag"],
];

function emptyMerges(schema: SchemaName, empty: string): (readonly [SchemaName, string, string, string])[] {
  return [
    [schema, `{}`, `{"inner":${empty}}`, `{"inner":${empty}}`],
    [schema, `{}`, `{"inner":null}`, `{"inner":null}`],
    [schema, `{"inner":null}`, `{"inner":${empty}}`, `{"inner":${empty}}`],
    [schema, `{"inner":${empty}}`, `{"inner":null}`, `{"inner":null}`],
    [schema, `{"inner":${empty}}`, `{"inner":${empty}}`, `{"inner":${empty}}`],
  ];
}

/** Schema, live, said, merged. */
export const mergeCases: readonly (readonly [SchemaName, string, string, string])[] = [
  ["pair", `{"key":"foo","value":{}}`, `{"key":"foo","value":1}`, `{"key":"foo","value":1}`],
  ["pair", `{"key":"foo","value":1}`, `{"key":"foo","value":{}}`, `{"key":"foo","value":{}}`],
  ["pair", `{"key":"foo","value":null}`, `{"key":"foo","value":{}}`, `{"key":"foo","value":{}}`],
  ["pair", `{"key":"foo"}`, `{"value":true}`, `{"key":"foo","value":true}`],
  ...emptyMerges("innerMap", "{}"),
  ...emptyMerges("innerStruct", "{}"),
  ...emptyMerges("innerList", "[]"),
  ["bag", `{"numeric":1}`, `{"numeric":3.14159}`, `{"numeric":3.14159}`],
  ["bag", `{"string":"x"}`, `{"bool":true}`, `{"string":"x","bool":true}`],
  ["bag", `{"setBool":[true]}`, `{"setBool":[false]}`, `{"setBool":[true,false]}`],
  ["bag", `{"setNumeric":[1,2,3.14159]}`, `{"setNumeric":[1,2,3]}`, `{"setNumeric":[1,2,3.14159,3]}`],
  ["bag", `{"setNumeric":[1,2,3.14159,1,2]}`, `{"setNumeric":[1,2,3]}`, `{"setNumeric":[1,2,3.14159,3]}`],
  ["bag", `{"setBool":[true,false,true]}`, `{"setBool":[false]}`, `{"setBool":[true,false,true]}`],
  ["bag", `{"setBool":[true,false,true]}`, `{"setBool":[true]}`, `{"setBool":[true,false]}`],
  ...orders.map(([live, said, merged]) =>
    ["bag", ...[live, said, merged].map((items) => JSON.stringify({ setStr: [...items] }))] as unknown as [
      SchemaName,
      string,
      string,
      string,
    ]
  ),
  [
    "keyed",
    `{"list":[{"key":"a","id":1,"value":{"a":"a"}}]}`,
    `{"list":[{"key":"a","id":2,"value":{"a":"a"}}]}`,
    `{"list":[{"key":"a","id":1,"value":{"a":"a"}},{"key":"a","id":2,"value":{"a":"a"}}]}`,
  ],
  [
    "keyed",
    `{"list":[{"key":"a","id":1},{"key":"b","id":1}]}`,
    `{"list":[{"key":"a","id":1},{"key":"a","id":2}]}`,
    `{"list":[{"key":"a","id":1},{"key":"b","id":1},{"key":"a","id":2}]}`,
  ],
  [
    "keyed",
    `{"list":[{"key":"b","id":2}]}`,
    `{"list":[{"key":"a","id":1},{"key":"b","id":2},{"key":"c","id":3}]}`,
    `{"list":[{"key":"a","id":1},{"key":"b","id":2},{"key":"c","id":3}]}`,
  ],
  [
    "keyed",
    `{"list":[{"key":"a","id":1},{"key":"b","id":2},{"key":"c","id":3}]}`,
    `{"list":[{"key":"c","id":3},{"key":"b","id":2}]}`,
    `{"list":[{"key":"a","id":1},{"key":"c","id":3},{"key":"b","id":2}]}`,
  ],
  [
    "keyed",
    `{"list":[{"key":"a","id":1},{"key":"b","id":2},{"key":"c","id":3}]}`,
    `{"list":[{"key":"c","id":3},{"key":"a","id":1}]}`,
    `{"list":[{"key":"b","id":2},{"key":"c","id":3},{"key":"a","id":1}]}`,
  ],
  ["keyed", `{"atomicList":["a","a","a"]}`, `{"atomicList":null}`, `{"atomicList":null}`],
  ["keyed", `{"atomicList":["a","b","c"]}`, `{"atomicList":["c"]}`, `{"atomicList":["c"]}`],
];

const lists = `{"lists":[{"name":"a","value":["b","c"]},{"name":"d"}]}`;
const maps = `{"maps":[{"name":"a","value":{"b":"x","c":"y"}},{"name":"d","value":{"e":"z"}}]}`;
const mapOfLists = `{"mapOfLists":{"b":["a","c"],"d":["e","f"]}}`;
const mapsInMap = `{"mapOfMaps":{"b":{"a":"x","c":"z"},"d":{"e":"y","f":"w"}}}`;
const listed = `{"list":[{"key":"a","id":1},{"key":"a","id":2},{"key":"b","id":1}]}`;

/** Schema, value, `fieldsV1` of what goes, what is left. */
export const removalCases: readonly (readonly [SchemaName, string, string, string])[] = [
  ["pair", `{"key":"foo"}`, `{"f:key":{}}`, `null`],
  ["pair", `{"key":"foo"}`, `{}`, `{"key":"foo"}`],
  ["pair", `{"key":"foo","value":true}`, `{"f:key":{}}`, `{"value":true}`],
  ["pair", `{"key":"foo","value":{"a":"b"}}`, `{"f:value":{}}`, `{"key":"foo"}`],
  ["bag", `{"setBool":[false]}`, `{"f:setBool":{"v:false":{}}}`, `{"setBool":null}`],
  ["bag", `{"setBool":[false]}`, `{"f:setBool":{"v:true":{}}}`, `{"setBool":[false]}`],
  ["bag", `{"setBool":[true,false]}`, `{"f:setBool":{"v:true":{}}}`, `{"setBool":[false]}`],
  ["bag", `{"setBool":[true,false]}`, `{"f:setBool":{}}`, `null`],
  ["bag", `{"setNumeric":[1,2,3,4.5]}`, `{"f:setNumeric":{"v:1":{},"v:4.5":{}}}`, `{"setNumeric":[2,3]}`],
  ["bag", `{"setStr":["a","b","c"]}`, `{"f:setStr":{"v:\\"a\\"":{}}}`, `{"setStr":["b","c"]}`],
  [
    "keyed",
    listed,
    `{"f:list":{"k:{\\"id\\":1,\\"key\\":\\"a\\"}":{}}}`,
    `{"list":[{"key":"a","id":2},{"key":"b","id":1}]}`,
  ],
  ["keyed", `{"atomicList":["a","a","a"]}`, `{"f:atomicList":{}}`, `null`],
  ["keyed", `{"atomicMap":{"a":"c","b":"d"}}`, `{"f:atomicMap":{}}`, `null`],
  ["nested", lists, `{"f:lists":{}}`, `null`],
  [
    "nested",
    lists,
    `{"f:lists":{"k:{\\"name\\":\\"d\\"}":{}}}`,
    `{"lists":[{"name":"a","value":["b","c"]}]}`,
  ],
  ["nested", lists, `{"f:lists":{"k:{\\"name\\":\\"a\\"}":{}}}`, `{"lists":[{"name":"d"}]}`],
  [
    "nested",
    lists,
    `{"f:lists":{"k:{\\"name\\":\\"a\\"}":{"f:value":{"v:\\"b\\"":{}}}}}`,
    `{"lists":[{"name":"a","value":["c"]},{"name":"d"}]}`,
  ],
  ["nested", lists, `{"f:lists":{"k:{\\"name\\":\\"x\\"}":{}}}`, lists],
  ["nested", lists, `{"f:lists":{"k:{\\"name\\":\\"a\\"}":{"f:value":{"v:\\"x\\"":{}}}}}`, lists],
  ["nested", lists, `{"v:\\"b\\"":{}}`, lists],
  ["nested", maps, `{"f:maps":{}}`, `null`],
  ["nested", maps, `{"f:maps":{"k:{\\"name\\":\\"a\\"}":{}}}`, `{"maps":[{"name":"d","value":{"e":"z"}}]}`],
  [
    "nested",
    maps,
    `{"f:maps":{"k:{\\"name\\":\\"a\\"}":{"f:value":{"f:b":{}}}}}`,
    `{"maps":[{"name":"a","value":{"c":"y"}},{"name":"d","value":{"e":"z"}}]}`,
  ],
  ["nested", maps, `{"f:maps":{"k:{\\"name\\":\\"q\\"}":{"f:name":{}}}}`, maps],
  ["nested", maps, `{"f:maps":{"k:{\\"name\\":\\"a\\"}":{"f:value":{"f:q":{}}}}}`, maps],
  ["nested", mapOfLists, `{"f:mapOfLists":{}}`, `null`],
  ["nested", mapOfLists, `{"f:mapOfLists":{"f:b":{}}}`, `{"mapOfLists":{"d":["e","f"]}}`],
  [
    "nested",
    mapOfLists,
    `{"f:mapOfLists":{"f:b":{"v:\\"a\\"":{}}}}`,
    `{"mapOfLists":{"b":["c"],"d":["e","f"]}}`,
  ],
  ["nested", mapOfLists, `{"f:mapOfLists":{"f:q":{}}}`, mapOfLists],
  ["nested", mapOfLists, `{"f:mapOfLists":{"f:b":{"v:\\"q\\"":{}}}}`, mapOfLists],
  [
    "nested",
    `{"mapOfLists":{"b":null,"d":["e","f"]}}`,
    `{"f:mapOfLists":{"f:b":{}}}`,
    `{"mapOfLists":{"d":["e","f"]}}`,
  ],
  ["nested", mapsInMap, `{"f:mapOfMaps":{}}`, `null`],
  ["nested", mapsInMap, `{"f:mapOfMaps":{"f:b":{}}}`, `{"mapOfMaps":{"d":{"e":"y","f":"w"}}}`],
  [
    "nested",
    mapsInMap,
    `{"f:mapOfMaps":{"f:b":{"f:a":{}}}}`,
    `{"mapOfMaps":{"b":{"c":"z"},"d":{"e":"y","f":"w"}}}`,
  ],
  ["nested", mapsInMap, `{"f:mapOfMaps":{"f:q":{}}}`, mapsInMap],
];
