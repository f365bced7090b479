/**
 * The smallest change that makes a candidate win. Smallest means the fewest edits. Of several such changes it is the
 * one with the fewest deletions of templates that rank higher, then the fewest edits of the candidate, then the
 * fewest deletions of templates that tie, then the fewest edits of the nodes: what is easiest to do, the service's
 * own spec, comes first, and a duplicate goes before the candidate becomes what it is not. What is left equal goes
 * by the order of the options.
 *
 * To name the template in `spec.template.name` always helps and is no answer here: it is no selection. The words
 * for a tie mention it.
 *
 * @module
 */

import { amend, type World } from "./apply.ts";
import { type Candidate, candidate } from "./candidate.ts";
import { type Amendment, type Change, type Deletion, inWords } from "./edit.ts";
import { candidateOptions, nodeOptions, type Option, serviceOptions, valuesOf } from "./options.ts";
import { places } from "./score.ts";
import { breaksTies, defaultTemplateOf, type GpuModels, passes, type SelectionRequest } from "./stages.ts";

/**
 * Tells for each candidate of a selection, if asked, by what change it would win. Asked for one that wins as it
 * is, it says a change without edits. There always is a change: at worst all that is preferred is deleted.
 */
export function changes(
  request: SelectionRequest,
  candidates: readonly Candidate[],
  gpus: GpuModels,
): (of: Candidate) => Change {
  const survivorsIn = survivorsAmong(candidates);
  return (of) => {
    const world: World = { request, template: of.template, gpus };
    const service = [...serviceOptions(of, request), ...nodeOptions(of, request, gpus)];
    const settings = combined(service, world, ({ request, gpus }) => survivorsIn(request, gpus));
    const variants = combined(
      candidateOptions(of, request, candidates, gpus),
      world,
      ({ template }) => candidate(template),
    );
    const solve = (setting: Setting, variant: Variant) => solutionOf(of, setting, variant);
    const found = gentlest(smallest(settings, variants, solve), gpus, solve);
    const edits = [...editsOf(found), ...obstacles(of, found).map(deletion)];
    const asIs = solve(settings(0)[0], variants(0)[0]);
    const nameable = !request.templateIsFixed && asIs?.above === 0 && asIs.ties > 0;
    const naming = nameable ? ", or with its name in template.name" : "";
    return { name: of.name, namespace: of.namespace, edits, phrase: inWords(edits) + naming };
  };
}

/** Options that go together, the world with them, and what selection sees of it. */
interface Combination<Seen> {
  readonly edits: readonly Amendment[];
  readonly settles: number;
  readonly world: World;
  readonly seen: Seen;
}
/** A service and nodes as they might be. */
type Setting = Combination<Survivors>;
/** The candidate as it might be. */
type Variant = Combination<Candidate>;

/** The combinations of so many options, in the options' order; each made when it is first asked for. */
function combined<Seen>(options: readonly Option[], world: World, see: (world: World) => Seen) {
  const none = { edits: [], settles: 0, world, seen: see(world), next: 0 };
  const sizes: (Combination<Seen> & { readonly next: number })[][] = [[none]];
  return (size: number): readonly Combination<Seen>[] => {
    while (sizes.length <= size) {
      sizes.push(
        sizes.at(-1)!.flatMap(({ edits, settles, world, next }) =>
          options.slice(next).flatMap((option, i) => {
            if ((option.settles & settles) !== 0) return [];
            const amended = amend(world, option.edit);
            return {
              edits: [...edits, option.edit],
              settles: settles | option.settles,
              world: amended,
              seen: see(amended),
              next: next + i + 1,
            };
          })
        ),
      );
    }
    return sizes[size];
  };
}

/** What passes the filters, and where each of it stands. */
interface Survivors {
  readonly placeOf: (candidate: Candidate) => number;
  readonly places: ReadonlyMap<Candidate, number>;
  readonly ascending: readonly number[];
}

function survivorsAmong(candidates: readonly Candidate[]) {
  const known = new Map<string, Survivors>();
  const serving = candidates.filter(({ status }) => status === "Ready");
  return (request: SelectionRequest, gpus: GpuModels): Survivors => {
    const key = JSON.stringify([request.allowUnoptimized ?? false, request.overrides, [...gpus.keys()]]);
    let found = known.get(key);
    if (found === undefined) {
      const passed = serving.filter((one) => passes(one, request, gpus));
      const placeOf = places(candidates, {
        defaultTemplate: defaultTemplateOf(request),
        byName: breaksTies(request),
      });
      const held = new Map(passed.map((one) => [one, placeOf(one)]));
      found = { placeOf, places: held, ascending: [...held.values()].sort((a, b) => a - b) };
      known.set(key, found);
    }
    return found;
  };
}

/** A variant that passes the filters in a setting, and how many others then stand above it or tie. */
interface Solution {
  readonly setting: Setting;
  readonly variant: Variant;
  readonly above: number;
  readonly ties: number;
}

function solutionOf(of: Candidate, setting: Setting, variant: Variant): Solution | undefined {
  const { request, gpus } = setting.world;
  if (!passes(variant.seen, request, gpus)) return undefined;
  const { ascending, places, placeOf } = setting.seen;
  const place = placeOf(variant.seen);
  // The candidate as it is may be among the survivors, and does not compete with itself.
  const self = places.get(of) ?? Infinity;
  const [below, upTo] = [position(ascending, place), position(ascending, place + 1)];
  return {
    setting,
    variant,
    above: below - (self < place ? 1 : 0),
    ties: upTo - below - (self === place ? 1 : 0),
  };
}

/** How many numbers of an ascending list are less than the one given. */
function position(ascending: readonly number[], than: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] < than) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The others that have to go: nothing but they keep the variant from winning. */
function obstacles(of: Candidate, { setting, variant }: Solution): Candidate[] {
  const { places, placeOf } = setting.seen;
  const place = placeOf(variant.seen);
  return [...places].filter(([other, theirs]) => other !== of && theirs <= place).map(([other]) => other);
}

type Solve = (setting: Setting, variant: Variant) => Solution | undefined;

/** Tries settings with variants, those of few edits first, until no larger number of edits can be better. */
function smallest(
  settings: (size: number) => readonly Setting[],
  variants: (size: number) => readonly Variant[],
  solve: Solve,
): Solution {
  let found: Solution | undefined;
  for (let size = 0; found === undefined || size <= cost(found); size++) {
    for (let own = 0; own <= size; own++) {
      for (const setting of settings(size - own)) {
        for (const variant of variants(own)) {
          const solution = solve(setting, variant);
          if (solution && (found === undefined || isPreferred(solution, found))) found = solution;
        }
      }
    }
  }
  return found;
}

function cost({ setting, variant, above, ties }: Solution): number {
  return setting.edits.length + variant.edits.length + above + ties;
}

function isPreferred(a: Solution, b: Solution): boolean {
  const [mine, others] = [inOrderOfWeight(a), inOrderOfWeight(b)];
  const i = mine.findIndex((count, i) => count !== others[i]);
  return i >= 0 && mine[i] < others[i];
}

function inOrderOfWeight(solution: Solution): number[] {
  const { setting, variant, above, ties } = solution;
  const nodes = setting.edits.filter(({ of }) => of === "nodes").length;
  return [cost(solution), above, variant.edits.length, ties, nodes];
}

/** The same change with values no better than they need be. */
function gentlest(found: Solution, gpus: GpuModels, solve: Solve): Solution {
  return found.variant.edits.reduce((solution, edit, i) => {
    if (edit.of !== "candidate" || edit.field === "spec.hardware.gpu.requests") return solution;
    const { setting, variant } = solution;
    for (const value of valuesOf(edit.field, gpus)) {
      const gentler = solve(setting, withEdits(variant, variant.edits.with(i, { ...edit, value })));
      if (gentler && !isPreferred(solution, gentler)) return gentler;
    }
    return solution;
  }, found);
}

function withEdits(variant: Variant, edits: readonly Amendment[]): Variant {
  const world = edits.reduce<World>(amend, variant.world);
  return { ...variant, edits, world, seen: candidate(world.template) };
}

function editsOf({ setting, variant }: Solution): Amendment[] {
  return [...setting.edits, ...variant.edits];
}

function deletion({ name, namespace }: Candidate): Deletion {
  return { of: "rival", name, ...(namespace ? { namespace } : {}) };
}
