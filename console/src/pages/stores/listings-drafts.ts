import { useState } from "react";
import type { Listing } from "./listings-types";

/** What somebody is about to say of a listing, before it is confirmed. */
export interface Draft {
  readonly sku: string | undefined;
  readonly units: number;
}

export interface Drafts {
  of: (listing: Listing) => Draft;
  set: (listing: Listing, draft: Draft) => void;
}

/** What isn't touched is what is suggested: the likeliest, if there is one. */
export function useDrafts(): Drafts {
  const [typed, setTyped] = useState<Readonly<Record<string, Draft>>>({});
  const of = (listing: Listing) =>
    typed[listing.id] ?? { sku: listing.candidates[0]?.sku, units: listing.units };
  const set = (listing: Listing, draft: Draft) =>
    setTyped((before) => ({ ...before, [listing.id]: draft }));
  return { of, set };
}
