/**
 * Turns of the event loop. A stream that always has more goes on in one and the same turn, and with it whatever is awaited: probes,
 * scrapes and answers of the API server would wait until it is empty.
 */

/** Milliseconds of one turn that may go by before streams wait for the next. */
const longestTurn = 8;

// As they are now: while a plan is rehearsed in this thread, its timers are driven, and a stream that waited for one of them
// would wait for ever once the rehearsal is over.
const { setTimeout } = globalThis;
const { now } = performance;
const passed = () => now.call(performance);

let began = 0;
let next: Promise<void> | undefined;

/** Resolves once streams may go on: at once in a young turn, else in the next. */
export async function ownTurn(): Promise<void> {
  while (passed() - turnBegan() > longestTurn) await next;
}

function turnBegan(): number {
  if (next === undefined) {
    began = passed();
    next = new Promise((resolve) =>
      setTimeout(() => {
        next = undefined;
        resolve();
      }, 0)
    );
  }
  return began;
}
