import { useQueryClient } from "@tanstack/react-query";
import { use, useCallback } from "react";
import { http } from "./client";
import { ME, type Me, MeContext } from "./me";
import type { components } from "./schema";

export type Preferences = components["schemas"]["Preferences"];

/** What the console remembers for somebody, on every machine; kept at once, told to the server. */
export function usePreferences(): [
  Preferences,
  (change: (kept: Preferences) => Preferences) => void,
] {
  const queries = useQueryClient();
  const preferences = use(MeContext)?.preferences ?? {};
  const keep = useCallback(
    (change: (kept: Preferences) => Preferences) => {
      const me = queries.getQueryData<Me>(ME.queryKey);
      if (me === undefined) return;
      const body = change(me.preferences ?? {});
      queries.setQueryData<Me>(ME.queryKey, { ...me, preferences: body });
      // What isn't kept is asked again from the server the next time; nothing else is lost.
      http.PUT("/v1/me/preferences", { body }).catch(() => undefined);
    },
    [queries],
  );
  return [preferences, keep];
}
