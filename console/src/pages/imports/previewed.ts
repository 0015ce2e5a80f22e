import { useEffect, useState } from "react";
import { asProblem, type Problem } from "@/api/problem";
import type { Corrections, Given, Report, RowsRead, Terms } from "./send";
import { preview, rowsOf } from "./send";

const PAUSE_MS = 350; // while somebody still types
const LONG_PAUSE_MS = 1_500; // each time a large file is sent whole
const LARGE_BYTES = 4 * 1024 * 1024;

interface Previewed {
  readonly report: Report | null;
  readonly sample: RowsRead | null;
  readonly checking: boolean;
  readonly problem: Problem | null;
}

const NOTHING: Previewed = { report: null, sample: null, checking: false, problem: null };

/**
 * What would become of a file on these terms, asked again whenever either changes. What was known
 * of the same file stays in sight meanwhile.
 */
export function usePreviewed(
  given: Given | null,
  terms: Terms,
  corrections: Corrections,
  ready: boolean,
): Previewed {
  const [known, setKnown] = useState<Previewed & { of: Given | null }>({ ...NOTHING, of: null });
  const asked = JSON.stringify(terms);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `asked` is the terms
  useEffect(() => {
    if (given === null || !ready) {
      setKnown({ ...NOTHING, of: given });
      return undefined;
    }
    const asking = new AbortController();
    setKnown((before) =>
      before.of === given
        ? { ...before, checking: true }
        : { ...NOTHING, of: given, checking: true },
    );
    const tell = (told: Previewed) => {
      if (!asking.signal.aborted) setKnown({ ...told, of: given });
    };
    const ask = async () => {
      try {
        const [report, sample] = await Promise.all([
          preview(given, terms, corrections, asking.signal),
          rowsOf(given, terms, corrections, {}, asking.signal),
        ]);
        tell({ ...NOTHING, report: report ?? null, sample: sample ?? null });
      } catch (refused) {
        tell({ ...NOTHING, problem: asProblem(refused) });
      }
    };
    const large = given.kind === "file" && given.file.size > LARGE_BYTES;
    const pause = setTimeout(ask, large ? LONG_PAUSE_MS : PAUSE_MS);
    return () => {
      clearTimeout(pause);
      asking.abort();
    };
  }, [given, asked, corrections, ready]);
  return known.of === given ? known : NOTHING;
}
