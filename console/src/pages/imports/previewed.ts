import { useEffect, useRef, useState } from "react";
import { asProblem, type Problem } from "@/api/problem";
import {
  type Corrections,
  check,
  type Far,
  FileRefused,
  type First,
  type Given,
  type Note,
  notesOn,
  type Report,
  type Terms,
} from "./send";

const PAUSE_MS = 350; // while somebody still types
const LONG_PAUSE_MS = 1_500; // each time a large file is sent whole
const LARGE_BYTES = 4 * 1024 * 1024;

/** How far a check is: the file is on its way, or what the server says. */
export type Stage =
  | { readonly name: "sending"; readonly share: number }
  | ({ readonly name: "reading" } & Far);

interface Checked {
  readonly report: Report | null;
  readonly asked: string; // the terms that it was asked for
  readonly first: First | null;
  readonly stage: Stage | null; // null: too early to say
  readonly checking: boolean;
  readonly stopped: boolean;
  readonly problem: Problem | null;
}

const NOTHING: Checked = {
  report: null,
  asked: "",
  first: null,
  stage: null,
  checking: false,
  stopped: false,
  problem: null,
};

export interface Previewed extends Checked {
  /** What is to be said of the terms as they are now. */
  readonly notes: readonly Note[];
  /** It takes long: how far it is should be seen. */
  readonly watched: boolean;
  /** Give the check up: the server stops, too. */
  readonly stop: () => void;
  readonly again: () => void;
}

/**
 * What would become of a file. It is sent and read once for each SKU and each correction: of other
 * terms only what is to be said of them is asked. What was known stays in sight meanwhile.
 */
export function usePreviewed(
  given: Given | null,
  terms: Terms,
  corrections: Corrections,
  ready: boolean,
): Previewed {
  const [known, setKnown] = useState<Checked & { of: Given | null }>({ ...NOTHING, of: null });
  const [attempt, setAttempt] = useState(0);
  const asking = useRef<AbortController | null>(null);
  const key = JSON.stringify([terms.sku, terms.soldElsewhere]);
  const begins = useOnce(ready, given, key);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` is what of the terms matters
  useEffect(() => {
    if (given === null || !begins) {
      setKnown({ ...NOTHING, of: given });
      return undefined;
    }
    const ours = new AbortController();
    asking.current = ours;
    const { signal } = ours;
    const tell = (told: Partial<Checked>) => {
      if (!signal.aborted) setKnown((before) => ({ ...before, ...told }));
    };
    setKnown((before) => ({
      ...(before.of === given
        ? { ...before, stage: null, stopped: false, problem: null }
        : NOTHING),
      of: given,
      checking: true,
    }));
    const large = isLarge(given);
    const ask = async () => {
      try {
        const report = await check(given, terms, corrections, {
          signal,
          sent: (share) => large && tell({ stage: { name: "sending", share } }),
          first: (first) => tell({ first }),
          far: (far) => tell({ stage: { name: "reading", ...far } }),
        });
        tell({ report, asked: JSON.stringify(terms), stage: null, checking: false });
      } catch (refused) {
        tell({ ...NOTHING, problem: asProblem(refused) });
      }
    };
    const pause = setTimeout(ask, large ? LONG_PAUSE_MS : PAUSE_MS);
    return () => {
      clearTimeout(pause);
      ours.abort();
    };
  }, [given, key, corrections, begins, attempt]);
  const again = () => setAttempt((before) => before + 1);
  const stop = () => {
    asking.current?.abort();
    setKnown({ ...NOTHING, of: given, stopped: true });
  };
  const mine = known.of === given ? known : NOTHING;
  const noted = useNotes(mine.report, mine.asked, terms, ready && !mine.checking);
  useRetry(ready ? mine.problem : null, terms, again);
  return {
    ...mine,
    notes: noted.notes ?? mine.report?.notes ?? [],
    watched: mine.checking && (mine.stage !== null || isLarge(given)),
    checking: mine.checking || noted.asking,
    problem: mine.problem ?? noted.problem,
    stop,
    again,
  };
}

function isLarge(given: Given | null): boolean {
  return given?.kind === "file" && given.file.size > LARGE_BYTES;
}

/** Whether it may begin: once it might, a field that is emptied meanwhile doesn't end it. */
function useOnce(ready: boolean, given: Given | null, key: string): boolean {
  const begun = useRef<{ given: Given | null; key: string } | null>(null);
  if (ready) begun.current = { given, key };
  return begun.current?.given === given && begun.current.key === key;
}

/** Terms that were refused are tried again as others; a file that was refused is not. */
function useRetry(problem: Problem | null, terms: Terms, again: () => void): void {
  const asked = JSON.stringify(terms);
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the terms change, not the problem
  useEffect(() => {
    if (problem !== null && !(problem instanceof FileRefused)) again();
  }, [asked]);
}

interface Noted {
  readonly notes: readonly Note[] | null; // null: those of the report hold
  readonly asking: boolean;
  readonly problem: Problem | null;
}

const UNASKED: Noted = { notes: null, asking: false, problem: null };

/** What is to be said of the terms as they are now, for a report of them as they were at `first`. */
function useNotes(report: Report | null, first: string, terms: Terms, ready: boolean): Noted {
  const asked = JSON.stringify(terms);
  const of = useRef<{ report: Report | null; asked: string }>({ report: null, asked: "" });
  const [noted, setNoted] = useState<Noted>(UNASKED);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `asked` is the terms
  useEffect(() => {
    if (of.current.report !== report) {
      of.current = { report, asked: first };
      setNoted(UNASKED);
    }
    if (report === null || !ready || of.current.asked === asked) return undefined;
    const asking = new AbortController();
    setNoted((before) => ({ ...before, asking: true }));
    const pause = setTimeout(async () => {
      try {
        const notes = await notesOn(report, terms, asking.signal);
        if (asking.signal.aborted) return;
        of.current = { report, asked };
        setNoted({ notes, asking: false, problem: null });
      } catch (refused) {
        if (asking.signal.aborted) return;
        of.current = { report, asked };
        setNoted({ notes: null, asking: false, problem: asProblem(refused) });
      }
    }, PAUSE_MS);
    return () => {
      clearTimeout(pause);
      asking.abort();
      setNoted((before) => ({ ...before, asking: false }));
    };
  }, [report, asked, ready]);
  return noted;
}
