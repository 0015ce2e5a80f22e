import type { components } from "@/api/schema";

export type Called = components["schemas"]["Called"];

/** The end of a lot's id, which tells lots apart: its beginning is the time. */
export function shortId(id: string): string {
  return `…${id.slice(-8)}`;
}
