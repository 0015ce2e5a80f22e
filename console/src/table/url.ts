import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";

/** Reads one value of the URL; undefined is what was not asked for. */
export type Reader<Value> = (written: string) => Value | undefined;
type Shape = Readonly<Record<string, Reader<unknown>>>;
/** What the URL says: a key is absent where it says nothing (so it fits a request's query). */
export type Query<Of extends Shape> = {
  readonly [Name in keyof Of]?: NonNullable<ReturnType<Of[Name]>>;
};
type Patch = Readonly<Record<string, string | number | boolean | null | undefined>>;
/** A patch that depends on what else the URL says is a function of it: what was drawn may be old. */
export type Change = (patch: Patch | ((written: URLSearchParams) => Patch)) => void;

export const text: Reader<string> = (written) => written || undefined;
export const whole: Reader<number> = (written) =>
  /^\d{1,9}$/.test(written) ? Number(written) : undefined;
export const flag: Reader<boolean> = (written) =>
  written === "true" ? true : written === "false" ? false : undefined;
export function oneOf<const Value extends string>(...values: readonly Value[]): Reader<Value> {
  return (written) => values.find((value) => value === written);
}

const CURSORS = ["after", "before"]; // a page of a list: gone when the conditions change

/**
 * The URL is the state: filters, page, sort and the open drawer. What doesn't fit `shape` is
 * ignored. A change of anything but the drawer goes back to the first page.
 */
export function useUrl<const Of extends Shape>(
  shape: Of,
  { stays = ["show"] }: { stays?: readonly string[] } = {},
): [Query<Of>, Change] {
  const [parameters, setParameters] = useSearchParams();
  const written = parameters.toString();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a page's shape is written once
  const query = useMemo(() => {
    const read: Record<string, unknown> = {};
    const given = new URLSearchParams(written);
    for (const [name, reader] of Object.entries(shape)) {
      const found = given.get(name);
      const value = found === null ? undefined : reader(found);
      if (value !== undefined) read[name] = value;
    }
    return read as Query<Of>;
  }, [written]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above
  const change = useCallback<Change>(
    (wanted) => {
      const next = new URLSearchParams(window.location.search);
      const patch = typeof wanted === "function" ? wanted(next) : wanted;
      const turns = Object.keys(patch).every(
        (name) => stays.includes(name) || CURSORS.includes(name),
      );
      if (!turns) for (const name of CURSORS) next.delete(name);
      for (const [name, value] of Object.entries(patch)) {
        if (value === undefined || value === null || value === "") next.delete(name);
        else next.set(name, String(value));
      }
      setParameters(next, { state: turns ? window.history.state?.usr : null });
    },
    [setParameters],
  );
  return [query, change];
}
