import { useEffect, useRef } from "react";

export type Keys = Readonly<Record<string, (event: KeyboardEvent) => void>>;

const CHORD_MS = 1000;

/** Where somebody types, letters are letters. */
function types(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName) ||
    target.closest("[role=combobox], [role=listbox]") !== null
  );
}

/** Listen for keys anywhere: `{"/": search, "g s": goToStock}`; two keys follow within a second. */
export function useKeys(keys: Keys): void {
  const known = useRef(keys);
  known.current = keys;
  useEffect(() => {
    let first = "";
    let firstAt = 0;
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || types(event.target)) return;
      const chord = Date.now() - firstAt < CHORD_MS ? `${first} ${event.key}` : "";
      const act = known.current[chord] ?? known.current[event.key];
      first = event.key;
      firstAt = Date.now();
      if (act === undefined) return;
      event.preventDefault();
      first = "";
      act(event);
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
}
