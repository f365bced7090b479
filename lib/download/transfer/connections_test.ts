import assert from "node:assert/strict";
import { Connections } from "./connections.ts";

/** Asks for more places than there can be, and says how many there are after each second at a speed. */
async function placesAt(speed: (places: number) => number, seconds: number): Promise<number[]> {
  const connections = new Connections({ first: 2, most: 10 });
  for (let i = 0; i < 50; i++) void connections.take();
  await Promise.resolve();
  return Array.from({ length: seconds }, () => {
    connections.turn(speed(connections.places));
    return connections.places;
  });
}

Deno.test("there are more places as long as more bytes come by them", async () => {
  const growing = await placesAt((places) => places * 100, 60);
  assert.equal(Math.max(...growing), 10);
  // A line that is full with five: a few more at most.
  const full = await placesAt((places) => Math.min(places, 5) * 100, 60);
  assert.ok(Math.max(...full) <= 7, full.join(" "));
  assert.ok(full.at(-1)! >= 4, full.join(" "));
});

Deno.test("a refusal halves the places, and they are respected", async () => {
  const connections = new Connections({ first: 4, most: 10 });
  const leave = await Promise.all([1, 2, 3, 4].map(() => connections.take()));
  connections.refused();
  assert.equal(connections.places, 2);
  let fifth = false;
  void connections.take().then(() => fifth = true);
  leave[0]();
  leave[1]();
  leave[1](); // a second time does nothing
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(fifth, false);
  leave[2]();
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(fifth, true);
  for (let i = 0; i < 5; i++) connections.refused();
  assert.equal(connections.places, 1);
});

Deno.test("a little more speed, as chance brings it, is no reason for more places", async () => {
  // Each place brings two percent.
  const places = await placesAt((places) => 1000 * 1.02 ** places, 60);
  assert.ok(Math.max(...places) <= 4, places.join(" "));
});

Deno.test("after a refusal nothing is tried for twenty seconds", () => {
  const connections = new Connections({ first: 8, most: 10 });
  for (let i = 0; i < 50; i++) void connections.take();
  connections.refused();
  const places = Array.from({ length: 30 }, (_, second) => {
    connections.turn(1000 * (second + 1));
    return connections.places;
  });
  assert.ok(places.slice(0, 20).every((each) => each === 4), places.join(" "));
  assert.ok(places.at(-1)! > 4, places.join(" "));
});
