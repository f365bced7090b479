import { DrivenTime } from "../../cli/rehearsal/driven_time.ts";
import { ownTurn } from "./turn.ts";

Deno.test("a stream that came to its turn while a plan was rehearsed goes on afterwards", async () => {
  const { now } = performance;
  const busy = () => {
    for (const until = now.call(performance) + 20; now.call(performance) < until;);
  };
  let going: Promise<void>;
  {
    using _ = new DrivenTime(() => 0.5, 0);
    await ownTurn(); // begins a turn
    busy();
    going = ownTurn();
  }
  await going;
  busy();
  await ownTurn();
});
