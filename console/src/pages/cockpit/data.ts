import { api } from "@/api/client";
import type { components } from "@/api/schema";

export type Cockpit = components["schemas"]["Cockpit"];
export type Stage = components["schemas"]["StageShape"];
export type Sales = components["schemas"]["SalesShape"];

// Hints say what happens; that nothing happens any more, and that it grows later, only the clock.
const EVERY_MS = 15_000;

/** Today's figures, asked once for all that shows them. */
export function useCockpit() {
  return api.useQuery("get", "/v1/cockpit", {}, { refetchInterval: EVERY_MS });
}
