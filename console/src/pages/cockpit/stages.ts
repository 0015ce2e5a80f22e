import type { Stage } from "./data";

type Reached = Stage["reached"];
type Stuck = NonNullable<Stage["stuck"]>;

/** What every order passes, in order. */
export const COURSE = ["told", "accepted", "allocated", "delivered", "confirmed"] as const;
export type Mark = (typeof COURSE)[number];
const STORES_MOST = 8; // the rest is drawn as one

export interface Node {
  readonly id: string;
  readonly depth: number;
  readonly orders: number;
  readonly what:
    | { readonly kind: "store"; readonly code: string; readonly name: string }
    | { readonly kind: "others"; readonly count: number }
    | { readonly kind: "mark"; readonly mark: Mark }
    | { readonly kind: "moving"; readonly mark: Mark }
    | { readonly kind: "left"; readonly reached: "watched" | "ended" }
    | { readonly kind: "stuck"; readonly mark: Mark; readonly stuck: Stuck };
}

export interface Flow {
  readonly nodes: readonly Node[];
  readonly links: readonly { source: string; target: string; orders: number }[];
  /** How many orders have come at least so far. */
  readonly passed: Readonly<Record<Mark, number>>;
  readonly total: number;
}

function sum(stages: readonly Stage[]): number {
  return stages.reduce((all, stage) => all + stage.orders, 0);
}

function placeOf(reached: Reached): number {
  return COURSE.indexOf(reached as Mark);
}

/** From what stands where to what is drawn: stores → accepted → … → confirmed, and what leaves. */
export function flowOf(stages: readonly Stage[]): Flow {
  const nodes: Node[] = [];
  const links: { source: string; target: string; orders: number }[] = [];
  const add = (node: Node, source?: string) => {
    if (node.orders === 0) return;
    nodes.push(node);
    if (source) links.push({ source, target: node.id, orders: node.orders });
  };
  const stores = storesOf(stages);
  for (const { node } of stores) add(node);
  for (const [place, mark] of COURSE.entries()) {
    const here = stages.filter((stage) => placeOf(stage.reached) >= place);
    if (place > 0) {
      add({ id: mark, depth: place, orders: sum(here), what: { kind: "mark", mark } });
      if (place > 1 && sum(here) > 0) {
        links.push({ source: COURSE[place - 1] as Mark, target: mark, orders: sum(here) });
      }
    }
    if (mark === "confirmed") continue;
    const stay = here.filter((stage) => stage.reached === mark);
    const source = place === 0 ? undefined : mark;
    for (const leaf of leavesOf(stay, mark, place + 1)) add(leaf, source);
  }
  for (const reached of ["watched", "ended"] as const) {
    const left = stages.filter((stage) => stage.reached === reached);
    add({ id: reached, depth: 1, orders: sum(left), what: { kind: "left", reached } });
  }
  // From each store to whatever comes first: being accepted, or a leaf before that.
  for (const { node, stages: own } of stores) {
    const taken = sum(own.filter((stage) => placeOf(stage.reached) >= 1));
    if (taken > 0) links.push({ source: node.id, target: "accepted", orders: taken });
    const before = own.filter((stage) => placeOf(stage.reached) < 1);
    for (const target of new Set(before.map(leafIdOf))) {
      const orders = sum(before.filter((stage) => leafIdOf(stage) === target));
      if (orders > 0) links.push({ source: node.id, target, orders });
    }
  }
  const passed = Object.fromEntries(
    COURSE.map((mark, place) => [
      mark,
      sum(stages.filter((stage) => placeOf(stage.reached) >= place)),
    ]),
  ) as Record<Mark, number>;
  return { nodes, links, passed, total: sum(stages) };
}

function leafIdOf(stage: Stage): string {
  if (stage.reached === "watched" || stage.reached === "ended") return stage.reached;
  return `${stage.reached}-${stage.stuck ?? "moving"}`;
}

function leavesOf(stay: readonly Stage[], mark: Mark, depth: number): Node[] {
  const kinds = [...new Set(stay.map((stage) => stage.stuck))];
  return kinds.map((stuck) => ({
    id: `${mark}-${stuck ?? "moving"}`,
    depth,
    orders: sum(stay.filter((stage) => stage.stuck === stuck)),
    what: stuck ? { kind: "stuck", mark, stuck } : { kind: "moving", mark },
  }));
}

function storesOf(stages: readonly Stage[]): { node: Node; stages: readonly Stage[] }[] {
  const codes = [...new Set(stages.map((stage) => stage.store))];
  const stores = codes
    .map((code) => {
      const own = stages.filter((stage) => stage.store === code);
      return { code, name: own[0]?.name ?? code, stages: own, orders: sum(own) };
    })
    .toSorted((one, other) => other.orders - one.orders);
  const drawn = stores.length > STORES_MOST ? stores.slice(0, STORES_MOST - 1) : stores;
  const rest = stores.slice(drawn.length);
  const of = drawn.map(({ code, name, stages: own, orders }) => ({
    node: { id: `store ${code}`, depth: 0, orders, what: { kind: "store", code, name } } as Node,
    stages: own,
  }));
  if (rest.length === 0) return of;
  const own = rest.flatMap((store) => store.stages);
  const what = { kind: "others", count: rest.length } as const;
  return [...of, { node: { id: "others", depth: 0, orders: sum(own), what }, stages: own }];
}
