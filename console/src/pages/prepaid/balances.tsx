import { useTranslation } from "react-i18next";
import { useMay } from "@/api/me";
import { paths } from "@/paths";
import { type Asked, List } from "@/table/list";
import type { Change } from "@/table/url";
import { Act } from "@/ui/act";
import { Badge, Word } from "@/ui/badge";
import { Empty } from "@/ui/empty";
import { Money } from "@/ui/money";
import { compareMoney, e4 } from "@/util/money";
import { type Part, SOON_HOURS, type Standing, useLasts } from "./things";

/** What there is with each supplier, what the supplier says, and how long it lasts. */
export function Balances({
  asked,
  rows,
  query: { sort, show },
  change,
}: {
  asked: Asked;
  rows: readonly Standing[] | undefined;
  query: { sort?: string; show?: string };
  change: Change;
}) {
  const { t } = useTranslation("prepaid");
  const may = useMay();
  const lasts = useLasts();
  const money = (name: Part) => ({
    name,
    title: t(name),
    of: (row: Standing) => <Amount of={row} part={name} />,
    figures: true,
    compare: (one: Standing, other: Standing) =>
      one.currency.localeCompare(other.currency) || compareMoney(one[name], other[name]),
  });
  return (
    <List<Standing>
      name="prepaid"
      label={t("label")}
      rows={rows}
      keyOf={(row) => row.supplier}
      asked={asked}
      sort={sort}
      change={change}
      opened={show}
      linkOf={(row) => paths.prepaid({ show: row.supplier })}
      columns={[
        {
          name: "supplier",
          title: t("supplier"),
          of: (row) => row.name,
          compare: (one, other) => one.name.localeCompare(other.name),
        },
        money("available"),
        {
          name: "lasts",
          title: t("lasts.title"),
          of: (row) => (
            <span
              className={
                row.hours_left !== null && row.hours_left < SOON_HOURS ? "alarm" : undefined
              }
            >
              {lasts(row.hours_left)}
            </span>
          ),
          compare: (one, other) =>
            (one.hours_left ?? Number.MAX_VALUE) - (other.hours_left ?? Number.MAX_VALUE),
        },
        money("in_doubt"),
        money("payable"),
        { ...money("recoveries"), optional: true },
        {
          name: "theirs",
          title: t("theirs"),
          of: (row) =>
            row.theirs ? (
              <Badge of="balance_verdict" value={row.theirs.verdict} />
            ) : (
              <span className="soft">{t("never_read")}</span>
            ),
        },
        {
          name: "alerts",
          title: t("alerts"),
          of: (row) =>
            row.alerts.length > 0 || row.frozen_because ? (
              <span className="alarm">
                {[
                  ...row.alerts.map((alert) => (
                    <span key={alert.id} className="prepaid-alert">
                      <Word of="supplier_alert" value={alert.kind} />
                    </span>
                  )),
                  row.frozen_because && (
                    <span key="frozen" className="prepaid-alert">
                      {t("frozen")}
                    </span>
                  ),
                ]}
              </span>
            ) : (
              <span className="soft">—</span>
            ),
        },
        {
          name: "room",
          title: t("room"),
          of: (row) =>
            row.room === null ? (
              t("any_amount")
            ) : (
              <Money value={row.room} currency={row.currency} />
            ),
          figures: true,
          optional: true,
        },
        {
          name: "acts",
          title: t("acts"),
          of: (row) =>
            may("prepaid.write") && (
              <Act
                size="small"
                onClick={() =>
                  change({
                    show: row.supplier,
                    form: "ask",
                    ask: row.settlement === "payable" ? "payment" : "deposit",
                  })
                }
              >
                {t(row.settlement === "payable" ? "ask.payment" : "ask.deposit")}
              </Act>
            ),
        },
      ]}
      empty={<Empty title={t("empty")}>{t("empty_hint")}</Empty>}
    />
  );
}

/** What it is paid in first; what is there in other currencies below, never added to it. */
function Amount({ of: row, part }: { of: Standing; part: Part }) {
  return (
    <>
      <Money value={row[part]} currency={row.currency} />
      {row.others
        .filter((other) => e4(other[part]) !== 0n)
        .map((other) => (
          <div key={other.currency} className="soft">
            <Money value={other[part]} currency={other.currency} />
          </div>
        ))}
    </>
  );
}
