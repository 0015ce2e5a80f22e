import type { components } from "@/api/schema";
import { language } from "@/words";

export type Listing = components["schemas"]["ListingShown"];
export type Candidate = components["schemas"]["ListingCandidate"];

/** A SKU's name in the reader's language. */
export function skuName(sku: { name_zh: string; name_en: string }): string {
  return language() === "zh" ? sku.name_zh : sku.name_en;
}

export function standsFor(listing: Listing): string {
  const name = language() === "zh" ? listing.sku_name_zh : listing.sku_name_en;
  return `${name ?? ""} × ${listing.units}`;
}
