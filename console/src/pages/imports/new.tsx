import "@/theme/imports.css";
import { Alert, Button, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { api } from "@/api/client";
import { asProblem, Problem } from "@/api/problem";
import { useRefresh } from "@/api/refresh";
import { useWhetherMeant } from "@/forms/form";
import { paths } from "@/paths";
import { Page } from "@/ui/page";
import { Part } from "@/ui/part";
import { Failed, ProblemNote } from "@/ui/problem";
import { language } from "@/words";
import type { Kind } from "./classes";
import { useDefaults } from "./defaults";
import { Done } from "./done";
import { Preview } from "./preview";
import { usePreviewed } from "./previewed";
import { CheckProgress, Progress } from "./progress";
import type { Drafts } from "./rows";
import { Sample } from "./sample";
import {
  type Corrections,
  download,
  type Given,
  importCards,
  type Report,
  rowsOf,
  type Terms,
} from "./send";
import { Source } from "./source";
import { lackingOf, NO_TERMS, TermsForm, useChoosable } from "./terms";

// What the server asks about before it imports. Source: kashu/stock/imports_notes.py.
const QUESTIONED: ReadonlySet<string> = new Set(["cost_unusual", "count_unusual"]);
const NONE: ReadonlyMap<number, readonly string[]> = new Map();
type Phase =
  | { readonly name: "prepare" }
  | { readonly name: "importing"; readonly previewed: Report }
  | { readonly name: "done"; readonly report: Report };

/**
 * A supplier's cards become stock: dropped or pasted, looked at row by row, then confirmed. What
 * was pasted is in this component's memory, and gone once it is imported.
 */
export default function New() {
  const { t } = useTranslation("imports");
  const navigate = useNavigate();
  const [phase, setPhase] = useState<Phase>({ name: "prepare" });
  const [given, setGiven] = useState<Given | null>(null);
  const [typed, setTyped] = useState<Partial<Terms>>({});
  const [corrections, setCorrections] = useState<Corrections>(NONE);
  const [drafts, setDrafts] = useState<Drafts>(NONE);
  const [refused, setRefused] = useState<Problem | null>(null);
  const choosable = useChoosable();
  const ofSku = api.useQuery(
    "get",
    "/v1/skus/{code}",
    { params: { path: { code: typed.sku ?? "" } } },
    { enabled: Boolean(typed.sku) },
  );
  const sku = typed.sku ? ofSku.data : undefined;
  const defaults = useDefaults(sku, choosable);
  const terms: Terms = { ...NO_TERMS, ...defaults.terms, ...typed };
  const lacking = lackingOf(terms, sku);
  const ready = lacking.length === 0 && phase.name === "prepare";
  const checked = usePreviewed(given, terms, corrections, ready);
  const { report, first, notes, checking, problem } = checked;
  const refresh = useRefresh();
  const askWhetherMeant = useWhetherMeant();
  const give = (next: Given | null) => {
    setGiven(next);
    setCorrections(NONE);
    setDrafts(NONE);
    setRefused(null);
  };
  const change = (patch: Partial<Terms>) => {
    setRefused(null);
    // What was typed for another SKU isn't meant for this one.
    if (patch.sku !== undefined)
      setTyped({ ...patch, soldElsewhere: typed.soldElsewhere ?? false });
    else setTyped({ ...typed, ...patch });
  };
  const draft = (row: number, cells: readonly string[] | undefined) => {
    const next = new Map(drafts);
    if (cells === undefined) next.delete(row);
    else next.set(row, cells);
    setDrafts(next);
  };
  const apply = () => {
    if (drafts.size === 0) return;
    setCorrections(new Map([...corrections, ...drafts]));
    setDrafts(NONE);
  };
  const ask = async (from: Given, previewed: Report) => {
    const unusual = notes.filter(({ code }) => QUESTIONED.has(code));
    if (unusual.length === 0) return run(from, previewed, false);
    // As the server would refuse it, after reading a large file once more.
    const fields = unusual.map((note) => ({ at: "", code: note.code, detail: note[language()] }));
    const said = {
      type: "about:blank",
      status: 409,
      code: "looks_mistyped",
      title: "",
      detail: "",
    };
    if (await askWhetherMeant(new Problem({ ...said, problems: fields })))
      await run(from, previewed, true);
  };
  const run = async (from: Given, previewed: Report, sure: boolean) => {
    setPhase({ name: "importing", previewed });
    setRefused(null);
    try {
      const done = await importCards(from, terms, corrections, previewed, sure);
      if (done === undefined) return;
      if (from.kind === "text") give(null); // a file stays in the reader's own hands
      setPhase({ name: "done", report: done });
      await refresh("/v1/imports", "/v1/stock", "/v1/stock/lots");
    } catch (error) {
      setPhase({ name: "prepare" });
      const wrong = asProblem(error);
      if (wrong.code !== "looks_mistyped" || sure) setRefused(wrong);
      else if (await askWhetherMeant(wrong)) await run(from, previewed, true);
    }
  };
  const title = <Button onClick={() => navigate(paths.imports())}>{t("new.records")}</Button>;
  if (phase.name === "done") {
    return (
      <Page title={t("new.title")} acts={title}>
        <Done
          report={phase.report}
          soldElsewhere={terms.soldElsewhere}
          forgotten={given === null}
          get={
            given &&
            ((format) => download(given, terms, corrections, format, phase.report.import_id))
          }
          again={() => {
            give(null);
            setTyped(typed.sku === undefined ? {} : { sku: typed.sku });
            setPhase({ name: "prepare" });
          }}
        />
      </Page>
    );
  }
  const busy = phase.name === "importing";
  const said = refused ?? problem;
  return (
    <Page title={t("new.title")} about={t("new.about")} acts={title}>
      <div className="import">
        <div className="import-main">
          <Source given={given} give={give} disabled={busy} />
          <ProblemNote error={said} {...(refused ? {} : againOf(problem, checked.again))} />
          <Failed of={[ofSku, ...choosable.asked]} />
          {busy && <Progress previewed={phase.previewed} name={sku ? nameOf(sku) : ""} />}
          {!busy && given && checked.watched && (
            <CheckProgress given={given} stage={checked.stage} stop={checked.stop} />
          )}
          {!busy && checked.stopped && <Stopped again={checked.again} />}
          {!busy && report && given && (
            <div className="import-main" aria-busy={checking}>
              <Preview
                report={report}
                notes={notes}
                ask={(kind: Kind, signal) => rowsOf(given, terms, corrections, kind.asked, signal)}
                drafts={drafts}
                draft={draft}
                apply={apply}
                corrected={corrections.size}
                uncorrect={() => {
                  setCorrections(NONE);
                  setDrafts(NONE);
                }}
                get={(format) => download(given, terms, corrections, format, null)}
              />
            </div>
          )}
          {!busy && given && first && (
            <Sample
              first={first}
              pasted={given.kind === "text"}
              read={(worksheet) => given.kind === "file" && give({ ...given, worksheet })}
            />
          )}
          {!busy && !first && !checked.watched && checking && (
            <Part>
              <Skeleton active title={false} paragraph={{ rows: 4 }} />
            </Part>
          )}
        </div>
        <aside className="part import-side" aria-label={t("new.terms")}>
          <h2>{t("new.terms")}</h2>
          <TermsForm
            terms={terms}
            change={change}
            choosable={choosable}
            sku={sku}
            costAsLast={typed.unitCost === undefined && defaults.terms.unitCost !== undefined}
            accepted={report?.accepted}
            disabled={busy}
            wrong={Object.fromEntries(
              (said?.fields ?? []).map(({ at, detail }) => [at.replace(/^\//, ""), detail]),
            )}
          />
          <div className="import-go">
            <Go
              given={given}
              lacking={lacking.map((each) => t(lackingWord(each)))}
              report={report}
              checking={checking}
              changed={drafts.size}
              soldElsewhere={terms.soldElsewhere}
              busy={busy}
              apply={apply}
              run={() => given && report && void ask(given, report)}
            />
          </div>
        </aside>
      </div>
    </Page>
  );
}

/** What may pass by itself can be tried again; a file that isn't there any more can't. */
function againOf(problem: Problem | null, again: () => void): { again?: () => void } {
  const passes = problem && (problem.status === 0 || problem.status >= 500);
  return passes && problem.code !== "file_gone" ? { again } : {};
}

/** It was given up: nothing goes on by itself. */
function Stopped({ again }: { again: () => void }) {
  const { t } = useTranslation("imports");
  return (
    <Alert
      type="info"
      showIcon
      role="status"
      title={t("check.stopped")}
      description={t("check.stopped_about")}
      action={<Button onClick={again}>{t("check.again")}</Button>}
    />
  );
}

function lackingWord(
  lacking: ReturnType<typeof lackingOf>[number],
): "new.sku" | "new.warehouse" | "new.supplier" | "new.cost" | "new.max_uses" {
  return `new.${lacking}`;
}

function nameOf(sku: { name_zh: string; name_en: string }): string {
  return language() === "zh" ? sku.name_zh : sku.name_en;
}

/** The one button: it says what it will do, and until then what is still needed. */
function Go({
  given,
  lacking,
  report,
  checking,
  changed,
  soldElsewhere,
  busy,
  apply,
  run,
}: {
  given: Given | null;
  lacking: string[];
  report: Report | null;
  checking: boolean;
  changed: number;
  soldElsewhere: boolean;
  busy: boolean;
  apply: () => void;
  run: () => void;
}) {
  const { t } = useTranslation("imports");
  const needs =
    given === null
      ? t("new.wait_source")
      : lacking.length > 0
        ? t("new.wait_terms", { what: lacking.join(language() === "zh" ? "、" : ", ") })
        : null;
  if (changed > 0) {
    return (
      <Button type="primary" size="large" block onClick={apply}>
        {t("new.check", { count: changed })}
      </Button>
    );
  }
  const count = report?.accepted ?? 0;
  const word = soldElsewhere ? "new.register" : "new.import";
  const can = needs === null && report !== null && count > 0 && !checking;
  return (
    <>
      <Button
        type="primary"
        size="large"
        block
        disabled={!can || busy}
        loading={busy || checking}
        onClick={run}
      >
        {busy
          ? t("new.importing")
          : checking
            ? t("new.checking")
            : report && count === 0
              ? t("new.nothing")
              : report
                ? t(word, { count })
                : t("new.title")}
      </Button>
      {needs && <p className="soft import-note">{needs}</p>}
    </>
  );
}
