import { Alert, Button, Space, Table } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import type { components } from "@/api/schema";
import { paths } from "@/paths";
import { Count } from "@/ui/money";
import { Part } from "@/ui/part";
import { formatCount } from "@/util/money";
import { Download } from "./preview";
import type { Report } from "./send";
import { Tally } from "./tally";
import { useUndo } from "./undo";

type Lot = components["schemas"]["LotMade"];

/** What an import did, with the way back. */
export function Done({
  report,
  soldElsewhere,
  forgotten,
  get,
  again,
}: {
  report: Report;
  soldElsewhere: boolean;
  /** What was pasted is gone from the page. */
  forgotten: boolean;
  get: ((format: "csv" | "xlsx") => Promise<void>) | null;
  again: () => void;
}) {
  const { t } = useTranslation("imports");
  const navigate = useNavigate();
  const [undone, setUndone] = useState(false);
  const undo = useUndo(() => setUndone(true));
  const { accepted, rejected, import_id } = report;
  const seconds = Math.max(0.1, report.took_ms / 1000).toFixed(1);
  const title = undone
    ? t("done.undone_title")
    : accepted === 0
      ? t("done.title_none")
      : t(soldElsewhere ? "done.registered" : "done.title", { count: accepted });
  return (
    <div className="cards">
      <Alert
        type={undone ? "info" : accepted > 0 ? "success" : "warning"}
        showIcon
        role="status"
        title={<strong className="figures">{title}</strong>}
        description={
          <span className="figures">
            {t("done.speed", { count: report.read, seconds })}
            {rejected > 0 && ` · ${t("done.rejected", { count: rejected })}`}
            {forgotten && ` · ${t("done.forgotten")}`}
          </span>
        }
      />
      <Space wrap>
        <Button type="primary" onClick={again}>
          {t("done.again")}
        </Button>
        {import_id && (
          <Button onClick={() => navigate(paths.imports({ show: import_id }))}>
            {t("done.see")}
          </Button>
        )}
        {rejected > 0 && get && <Download get={get} />}
        {import_id && !undone && accepted > 0 && (
          <Button danger onClick={() => undo(import_id, accepted)}>
            {t("one.undo")}
          </Button>
        )}
      </Space>
      {rejected > 0 && (
        <Part>
          <Tally classes={countsOf(report)} />
        </Part>
      )}
      {report.lots.length > 0 && !undone && <Lots report={report} />}
    </div>
  );
}

function countsOf(report: Report): Record<string, number> {
  return Object.fromEntries(
    Object.entries(report.classes).map(([name, rows]) => [name, rows.count]),
  );
}

function Lots({ report }: { report: Report }) {
  const { t } = useTranslation("imports");
  const shared = report.lots.some((lot) => lot.units !== lot.cards);
  return (
    <Part>
      <Table<Lot>
        size="small"
        rowKey="id"
        dataSource={report.lots as Lot[]}
        pagination={report.lots.length > 20 ? { pageSize: 20, showSizeChanger: false } : false}
        columns={[
          {
            key: "expires_on",
            title: t("done.lot"),
            className: "figures",
            render: (_, lot) => (
              <Link to={paths.lots({ show: lot.id })}>{lot.expires_on ?? t("done.never")}</Link>
            ),
          },
          {
            key: "cards",
            title: t("done.lot_cards"),
            align: "right",
            render: (_, lot) => <Count value={lot.cards} />,
          },
          ...(shared
            ? [
                {
                  key: "units",
                  title: t("done.lot_units"),
                  align: "right" as const,
                  render: (_: unknown, lot: Lot) => <Count value={lot.units} />,
                },
              ]
            : []),
        ]}
      />
      {report.lot_count > report.lots.length && (
        <p className="soft import-note">
          {t("done.lots_more", {
            count: report.lot_count,
            shown: formatCount(report.lots.length),
          })}
        </p>
      )}
    </Part>
  );
}
