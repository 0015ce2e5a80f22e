import { DownloadOutlined, RightOutlined } from "@ant-design/icons";
import { Alert, Button, Dropdown } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Part } from "@/ui/part";
import { useSay } from "@/ui/problem";
import { formatCount } from "@/util/money";
import { language } from "@/words";
import { type ClassName, type Kind, kindsOf, rangesOf } from "./classes";
import { type Drafts, Rows } from "./rows";
import type { Note, Report, RowsRead } from "./send";

/** What would become of each row: counted, coloured, and each kind's rows a click away. */
export function Preview({
  report,
  notes,
  ask,
  drafts,
  draft,
  apply,
  corrected,
  uncorrect,
  get,
}: {
  report: Report;
  /** What is to be said of the terms as they are now. */
  notes: readonly Note[];
  ask: (kind: Kind, signal: AbortSignal) => Promise<RowsRead | undefined>;
  drafts: Drafts;
  draft: (row: number, cells: readonly string[] | undefined) => void;
  apply: () => void;
  /** How many rows were put right on the screen. */
  corrected: number;
  uncorrect: () => void;
  get: (format: "csv" | "xlsx") => Promise<void>;
}) {
  const { t } = useTranslation("imports");
  const [open, setOpen] = useState<ClassName | null>(null);
  const kinds = kindsOf(report);
  return (
    <Part label={t("preview.classes")}>
      <div className="import-head">
        <h2 className="figures">{t("preview.read", { count: report.read })}</h2>
        {corrected > 0 && (
          <span>
            {t("preview.corrected", { count: corrected })}{" "}
            <Button type="link" size="small" onClick={uncorrect}>
              {t("preview.uncorrect")}
            </Button>
          </span>
        )}
        <span className="spring" />
        {report.rejected > 0 && <Download get={get} />}
      </div>
      <Bar report={report} kinds={kinds} />
      {report.accepted === 0 && (
        <Alert
          type="warning"
          showIcon
          title={t("preview.nothing")}
          description={t(report.rejected === 0 ? "preview.nothing_but" : "preview.nothing_good")}
          style={{ marginBottom: 8 }}
        />
      )}
      {notes.length > 0 && (
        <Alert
          type="warning"
          showIcon
          title={t("preview.notes")}
          description={notes.map((note) => <div key={note.code}>{note[language()]}</div>)}
          style={{ marginBottom: 8 }}
        />
      )}
      <ul className="import-kinds">
        {kinds.map((kind) => (
          <li key={kind.name} data-tone={kind.tone}>
            <KindLine
              kind={kind}
              open={open === kind.name}
              toggle={() => setOpen(open === kind.name ? null : kind.name)}
            />
            {open === kind.name && (
              <div className="import-rows">
                <Rows
                  kind={kind}
                  report={report}
                  ask={ask}
                  drafts={drafts}
                  draft={draft}
                  apply={apply}
                />
              </div>
            )}
          </li>
        ))}
      </ul>
    </Part>
  );
}

/** One kind of row: its name, how many, which, and what to do about it. */
function KindLine({ kind, open, toggle }: { kind: Kind; open: boolean; toggle: () => void }) {
  const { t } = useTranslation("imports");
  const words = t(`classes.${kind.name}` as never, { returnObjects: true }) as unknown as {
    name: string;
    todo: string;
  };
  const between = language() === "zh" ? "、" : ", ";
  return (
    <button type="button" className="import-kind" aria-expanded={open} onClick={toggle}>
      <RightOutlined aria-hidden rotate={open ? 90 : 0} />
      <span className="import-dot" aria-hidden />
      <span className="import-count figures">{formatCount(kind.count)}</span>
      <strong className="import-name">{words.name}</strong>
      <span className="soft import-todo">
        {kind.count > 0 && words.todo}
        {kind.rows && (
          <span className="figures">
            {" "}
            {t("preview.row")} {rangesOf(kind.rows, between)}
          </span>
        )}
      </span>
    </button>
  );
}

/** All rows at a glance: how much of the file comes in. */
function Bar({ report, kinds }: { report: Report; kinds: Kind[] }) {
  const { t } = useTranslation("imports");
  const parts = (["good", "wrong", "double", "idle"] as const).map((tone) => ({
    tone,
    count: kinds
      .filter((kind) => kind.tone === tone)
      .reduce((total, kind) => total + kind.count, 0),
  }));
  const said = [
    `${t("preview.accepted")} ${formatCount(report.accepted)}`,
    `${t("preview.rejected")} ${formatCount(report.rejected)}`,
    `${t("preview.skipped")} ${formatCount(report.skipped)}`,
  ].join(language() === "zh" ? "，" : ", ");
  return (
    <>
      <div className="import-bar" role="img" aria-label={`${t("preview.bar")}: ${said}`}>
        {parts
          .filter((part) => part.count > 0)
          .map((part) => (
            <span key={part.tone} data-tone={part.tone} style={{ flexGrow: part.count }} />
          ))}
      </div>
      <p className="soft figures import-note">{said}</p>
    </>
  );
}

export function Download({ get }: { get: (format: "csv" | "xlsx") => Promise<void> }) {
  const { t } = useTranslation("imports");
  const say = useSay();
  const [busy, setBusy] = useState(false);
  const items = [
    { key: "xlsx", label: t("preview.download_xlsx") },
    { key: "csv", label: t("preview.download_csv") },
  ];
  const start = async (format: "csv" | "xlsx") => {
    setBusy(true);
    try {
      await get(format);
      say.done(t("preview.downloaded"));
    } catch (error) {
      say.failed(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dropdown
      trigger={["click"]}
      menu={{ items, onClick: ({ key }) => void start(key as "csv" | "xlsx") }}
    >
      <Button icon={<DownloadOutlined />} loading={busy}>
        {t("preview.download")}
      </Button>
    </Dropdown>
  );
}
