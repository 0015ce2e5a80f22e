import { useSyncExternalStore } from "react";

export type Looks = "system" | "light" | "dark";

const KEPT = "kashu.looks";
const system = window.matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

function kept(): Looks {
  const found = localStorage.getItem(KEPT);
  return found === "light" || found === "dark" ? found : "system";
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  system.addEventListener("change", listener);
  return () => {
    listeners.delete(listener);
    system.removeEventListener("change", listener);
  };
}

/** Choose light or dark, or whatever the system is. */
export function look(looks: Looks): void {
  localStorage.setItem(KEPT, looks);
  for (const tell of listeners) tell();
}

export function useLooks(): { looks: Looks; dark: boolean } {
  const looks = useSyncExternalStore(listen, kept);
  const systemDark = useSyncExternalStore(listen, () => system.matches);
  return { looks, dark: looks === "dark" || (looks === "system" && systemDark) };
}
