/**
 * Test files that share a thread, each with its `beforeAll` and `afterAll` for itself: Deno takes those for hooks of the
 * whole thread.
 */

import vm from "node:vm";

type Hook = () => void | Promise<void>;

/** A test file, and what it asked for while it loaded. */
interface Scope {
  readonly begin: Hook[];
  readonly end: Hook[];
  /** How many tests it has that run. */
  tests: number;
  /** Whether it has any, also such as do not run. */
  hasTests: boolean;
}

/**
 * Loads test files one after the other. The `beforeAll` of a file runs right before its first test, its `afterAll` right
 * after its last one; where one fails, so does each test that needed it. A file that does not load has a test that fails; so
 * has one whose tests another file has loaded before.
 *
 * @param urls in the order in which their tests run
 */
export async function loadScopes(urls: readonly string[]): Promise<void> {
  const { test } = Deno;
  const scopes: Scope[] = [];
  for (const url of urls) {
    const scope: Scope = { begin: [], end: [], tests: 0, hasTests: false };
    scopes.push(scope);
    const scoped = Object.assign(counting(url, test, scope), test, hooksOf(scope));
    put(scoped);
    try {
      await import(url);
      // A module is evaluated once, and has its tests for the file that loads it first. A part of a file may have none.
      if (url.endsWith("_test.ts") && !scope.hasTests) throw new Error(`${url} has no tests of its own`);
    } catch (error) {
      scoped("the file loads", () => {
        throw error;
      });
    } finally {
      put(test);
    }
  }
  const turns = scopes.flatMap((scope) => Array.from({ length: scope.tests }, () => scope));
  let turn = -1;
  let begun: Promise<void>;
  test.beforeEach(() => {
    const scope = turns[++turn];
    if (scope !== turns[turn - 1]) begun = inOrder(scope.begin);
    return begun;
  });
  test.afterEach(() => {
    const scope = turns[turn];
    if (scope !== turns[turn + 1]) return all(scope.end.reverse());
  });
}

/** `Deno.test`, which counts in `scope` the tests that will run. Reports say that the tests stand in the file `url`. */
function counting(url: string, test: typeof Deno.test, scope: Scope): typeof Deno.test {
  const count = (args: readonly unknown[]) => {
    scope.hasTests = true;
    if (!args.some((arg) => (arg as { ignore?: boolean }).ignore)) scope.tests++;
  };
  // Deno reports the script that calls it, and so the file; the line is lost.
  const wrapper = "(test, count) => (...args) => { count(args); test(...args); }";
  return vm.runInThisContext(wrapper, { filename: url })(test, count);
}

function hooksOf({ begin, end }: Scope): Partial<typeof Deno.test> {
  const never = () => {
    throw new Error("a hook for each test would be one for those of other files too");
  };
  return {
    beforeAll: (hook: Hook) => void begin.push(hook),
    afterAll: (hook: Hook) => void end.push(hook),
    beforeEach: never,
    afterEach: never,
  };
}

function put(test: typeof Deno.test): void {
  Object.defineProperty(Deno, "test", { value: test, configurable: true, writable: true });
}

/** All hooks, whatever becomes of those before. @throws what the first of them threw that failed */
async function all(hooks: readonly Hook[]): Promise<void> {
  const failures: unknown[] = [];
  for (const hook of hooks) {
    try {
      await hook();
    } catch (failure) {
      failures.push(failure);
    }
  }
  if (failures.length > 0) throw failures[0];
}

async function inOrder(hooks: readonly Hook[]): Promise<void> {
  for (const hook of hooks) await hook();
}
