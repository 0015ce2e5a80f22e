import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { http } from "@/api/client";
import { language } from "@/words";

/** What forms and filters let one choose, and tables name. */
export type Noun = "sku" | "supplier" | "store" | "customer" | "warehouse";

export interface Thing {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  /** What it can be found by, in small letters. */
  readonly found: string;
}

/** Of SKUs: only those that are sold, only those that are delivered from stock. */
export interface Narrow {
  readonly active?: boolean | undefined;
  readonly stocked?: boolean | undefined;
}

interface Query {
  q?: string;
  which?: string[];
  limit: number;
}

interface Found {
  readonly things: readonly Thing[];
  /** There are more than these. */
  readonly more: boolean;
}

const SHOWN = 50; // at once; who looks for another types a part of it
const WHICH_MAX = 100; // of a question: it must fit in an address
const NAMES_MS = 60_000; // names change seldom

const PATHS: Readonly<Record<Noun, string>> = {
  sku: "/v1/skus",
  supplier: "/v1/suppliers",
  store: "/v1/stores",
  customer: "/v1/customers",
  warehouse: "/v1/warehouses",
};

async function read(
  of: Noun,
  { active, stocked }: Narrow,
  query: Query,
  signal: AbortSignal,
): Promise<Found> {
  switch (of) {
    case "sku": {
      const narrow = {
        ...(active ? { state: "active" as const } : {}),
        ...(stocked === undefined ? {} : { stocked }),
      };
      const { data } = await http.GET("/v1/skus", {
        params: { query: { ...query, ...narrow } },
        signal,
      });
      return found(
        data?.skus.map(({ name_zh, name_en, ...sku }) => ({
          ...sku,
          name: language() === "zh" ? name_zh : name_en,
          other: `${name_zh} ${name_en}`,
        })),
        data?.next_after,
      );
    }
    case "supplier": {
      const { data } = await http.GET("/v1/suppliers", { params: { query }, signal });
      return found(data?.suppliers, data?.next_after);
    }
    case "store": {
      const { data } = await http.GET("/v1/stores", { params: { query }, signal });
      return found(data?.stores, data?.next_after);
    }
    case "customer": {
      const { data } = await http.GET("/v1/customers", { params: { query }, signal });
      return found(data?.customers, data?.next_after);
    }
    case "warehouse": {
      const { data } = await http.GET("/v1/warehouses", { signal }); // there are few: all at once
      return found(data?.warehouses, null);
    }
  }
}

function found(
  rows: readonly { id: string; code: string; name: string; other?: string }[] | undefined,
  next: string | null | undefined,
): Found {
  const things = (rows ?? []).map(({ id, code, name, other = "" }) => ({
    id,
    code,
    name,
    found: `${name} ${other} ${code}`.toLowerCase(),
  }));
  return { things, more: Boolean(next) };
}

/** What the server has of a kind: its first ones, or those that what was typed is a part of. */
export function useSought(of: Noun, typed: string, narrow: Narrow = {}, enabled = true) {
  const query: Query = { limit: SHOWN, ...(typed ? { q: typed } : {}) };
  return useQuery({
    queryKey: ["get", PATHS[of], "sought", of === "warehouse" ? {} : { ...query, ...narrow }],
    queryFn: ({ signal }) => read(of, narrow, query, signal),
    placeholderData: keepPreviousData,
    staleTime: NAMES_MS,
    enabled,
  });
}

/** What certain ones are called, by their codes and by their ids; who may not know sees those. */
export function useNames(
  of: Noun,
  keys: readonly (string | null | undefined)[],
  may = true,
): ReadonlyMap<string, string> {
  const which = [...new Set(keys.filter((key): key is string => Boolean(key)))].toSorted();
  // Quiet: where names can't be read, codes stand in their places.
  const asked = useQuery({
    queryKey: ["get", PATHS[of], "named", of === "warehouse" ? {} : which],
    queryFn: async ({ signal }) => {
      const some = await Promise.all(
        (of === "warehouse" ? [[]] : inParts(which)).map((part) =>
          read(of, {}, { which: part, limit: WHICH_MAX }, signal),
        ),
      );
      return some.flatMap(({ things }) => things);
    },
    placeholderData: keepPreviousData,
    staleTime: NAMES_MS,
    enabled: may && which.length > 0,
  });
  return new Map(
    (asked.data ?? []).flatMap(({ id, code, name }) => [
      [id, name] as const,
      [code, name] as const,
    ]),
  );
}

function inParts(keys: readonly string[]): string[][] {
  const count = Math.ceil(keys.length / WHICH_MAX);
  return Array.from({ length: count }, (_, at) => keys.slice(at * WHICH_MAX, (at + 1) * WHICH_MAX));
}
