import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import type { paths as Paths } from "./schema";

/** Read again what a change has made old: every question to these paths, whatever its conditions. */
export function useRefresh(): (...paths: (keyof Paths)[]) => Promise<void> {
  const queries = useQueryClient();
  return useCallback(
    async (...paths) => {
      await Promise.all(
        paths.map((path) => queries.invalidateQueries({ queryKey: ["get", path] })),
      );
    },
    [queries],
  );
}
