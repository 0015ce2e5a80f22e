import type { components } from "@/api/schema";
import { paths } from "@/paths";

export type Target = components["schemas"]["Target"];

/** What is found, or waits for somebody: which thing it is, by its id and, where it has one, code. */
export interface Pointed {
  readonly id: string;
  readonly code?: string | null | undefined;
}

/** Where each kind of thing has its page. What isn't here has none yet, and is shown without a link. */
const LEADS: { readonly [Kind in Target]?: (of: Pointed) => string | null } = {
  order: ({ id }) => paths.order(id),
  sku: ({ code }) => (code ? paths.skus({ show: code }) : null),
};

/** The address of a thing's page, or null where it has none. */
export function leadTo(kind: Target, of: Pointed): string | null {
  return LEADS[kind]?.(of) ?? null;
}
