import { keepPreviousData } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useMay, useMe } from "@/api/me";
import { StatementFetch } from "@/forms/statement-fetch";
import { StatementTake } from "@/forms/statement-take";
import { paths } from "@/paths";
import { List } from "@/table/list";
import { oneOf, text, useUrl } from "@/table/url";
import { ChoiceOf } from "@/things/chooser";
import { Empty } from "@/ui/empty";
import { Count, Money } from "@/ui/money";
import { Page } from "@/ui/page";
import { Time } from "@/ui/time";
import { counted, daysOf, type Statement, summed } from "./things";

/** Suppliers' statements: how each agrees with our orders, and what is still to be settled. */
export default function Statements() {
  const { t } = useTranslation("statements");
  const may = useMay();
  const zone = useMe().tenant.timezone;
  const [{ show, supplier, before }, change] = useUrl({
    show: oneOf("take", "fetch"),
    supplier: text,
    before: text,
  });
  const asked = api.useQuery(
    "get",
    "/v1/statements",
    { params: { query: { ...(supplier ? { supplier } : {}), ...(before ? { before } : {}) } } },
    { placeholderData: keepPreviousData },
  );
  const page = asked.data;
  const close = () => change({ show: null });
  return (
    <Page
      title={t("title")}
      about={t("about")}
      acts={
        may("prepaid.write") && (
          <>
            <Button onClick={() => change({ show: "fetch" })}>{t("fetch.title")}</Button>
            <Button type="primary" onClick={() => change({ show: "take" })}>
              {t("take.title")}
            </Button>
          </>
        )
      }
    >
      <List<Statement>
        name="statements"
        label={t("label")}
        rows={page?.statements}
        keyOf={(row) => row.id ?? ""}
        asked={asked}
        change={change}
        total={page?.total}
        cursor={{ name: "before", at: before, next: page?.next_before }}
        linkOf={(row) => paths.supplierStatement(row.id ?? "")}
        filtered={supplier !== undefined}
        onClear={() => change({ supplier: null })}
        filters={
          <ChoiceOf
            of="supplier"
            label={t("supplier")}
            value={supplier}
            onChange={(chosen) => change({ supplier: chosen })}
          />
        }
        columns={[
          { name: "supplier", title: t("supplier"), of: (row) => row.supplier_name },
          {
            name: "days",
            title: t("days"),
            of: (row) => <span className="figures">{daysOf(row, zone)}</span>,
          },
          {
            name: "lines",
            title: t("lines"),
            of: (row) => <Count value={row.lines} />,
            figures: true,
          },
          {
            name: "charged",
            title: t("charged"),
            of: (row) => <Money value={row.charged} currency={row.currency} />,
            figures: true,
          },
          {
            name: "difference",
            title: t("difference"),
            of: (row) => (
              <Money value={summed(row.tallies, "difference")} currency={row.currency} />
            ),
            figures: true,
          },
          { name: "open", title: t("open"), of: (row) => <Open row={row} /> },
          { name: "file", title: t("file"), of: (row) => row.file_name || t("fetched") },
          { name: "made", title: t("made"), of: (row) => <Time at={row.made_at} /> },
          {
            name: "refunded",
            title: t("refunded"),
            of: (row) => <Money value={row.refunded} currency={row.currency} />,
            figures: true,
            optional: true,
          },
          {
            name: "matched",
            title: t("matched"),
            of: (row) => <Count value={row.matched} />,
            figures: true,
            optional: true,
          },
          { name: "who", title: t("who"), of: (row) => row.who, optional: true },
        ]}
        empty={<Empty title={t("empty")}>{t("empty_hint")}</Empty>}
      />
      <StatementTake open={show === "take"} supplier={supplier} onClose={close} />
      <StatementFetch open={show === "fetch"} supplier={supplier} onClose={close} />
    </Page>
  );
}

/** How much of it is still to be done. */
function Open({ row }: { row: Statement }) {
  const { t } = useTranslation("statements");
  const { total, open, asked } = counted(row.tallies);
  if (total === 0) return <span className="soft">{t("agrees")}</span>;
  if (open === 0) return <span className="soft">{t("all_settled", { count: total })}</span>;
  return (
    <span className="alarm">
      {t("to_settle", { count: open })}
      {asked > 0 && ` · ${t("to_approve", { count: asked })}`}
    </span>
  );
}
