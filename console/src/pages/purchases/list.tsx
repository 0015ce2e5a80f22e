import { keepPreviousData } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useMay } from "@/api/me";
import { PurchaseNew } from "@/forms/purchase-new";
import { paths } from "@/paths";
import { List } from "@/table/list";
import { flag, oneOf, text, useUrl, whole } from "@/table/url";
import { Empty } from "@/ui/empty";
import { Page } from "@/ui/page";
import { e4, formatCount, formatMoney } from "@/util/money";
import { ApproveMany } from "./approve-many";
import { useColumns } from "./columns";
import { Filters } from "./filters";
import type { Purchase } from "./things";
import { Waiting } from "./waiting";

const OPEN = ["draft", "asked", "wanted", "placed", "held"] as const;
const QUERY = {
  state: oneOf("open", ...OPEN, "done", "part", "ended", "cancelled"),
  sku: text,
  supplier: text,
  cause: oneOf("hand", "reorder", "short", "topup"),
  in_doubt: flag,
  overdue: flag,
  before: text,
  show: oneOf("new"),
  quantity: whole,
  offer: text,
};
const FORM = ["show", "quantity", "offer"];
const NARROWS = ["state", "sku", "supplier", "cause", "in_doubt", "overdue"];

/** Every purchase: what is wanted, how far it has come, what it costs, for which order. */
export default function Purchases() {
  const { t } = useTranslation("purchases");
  const may = useMay();
  const [{ show, quantity, offer, ...query }, change] = useUrl(QUERY, { stays: FORM });
  const [chosen, choose] = useState<Purchase[]>([]);
  const { state, before, ...narrowed } = query;
  const states = state === "open" ? [...OPEN] : state && [state];
  const asked = api.useQuery(
    "get",
    "/v1/purchases",
    {
      params: {
        query: { ...narrowed, ...(states ? { state: states } : {}), ...(before ? { before } : {}) },
      },
    },
    { placeholderData: keepPreviousData },
  );
  const page = asked.data;
  const approves = may("purchases.approve");
  return (
    <Page
      title={t("list.title")}
      about={t("list.about")}
      acts={
        may("purchases.write") && (
          <Button type="primary" onClick={() => change({ show: "new" })}>
            {t("new.title")}
          </Button>
        )
      }
    >
      <Waiting />
      <List<Purchase>
        name="purchases"
        label={t("list.label")}
        columns={useColumns(page?.purchases)}
        rows={page?.purchases}
        keyOf={(purchase) => purchase.id}
        asked={asked}
        change={change}
        cursor={{ name: "before", at: before, next: page?.next_before }}
        linkOf={(purchase) => paths.purchase(purchase.id)}
        filtered={state !== undefined || Object.keys(narrowed).length > 0}
        onClear={() => change(Object.fromEntries(NARROWS.map((name) => [name, null])))}
        filters={<Filters query={query} change={change} />}
        total={page?.total}
        more={page?.more}
        {...(approves
          ? {
              chosen: {
                keys: chosen.map((purchase) => purchase.id),
                choose: (_, rows) => choose(rows),
              },
              bulk: <ApproveMany chosen={chosen} onDone={() => choose([])} />,
            }
          : {})}
        empty={<Empty title={t("list.empty")}>{t("list.empty_hint")}</Empty>}
      />
      {page && page.total > 0 && (
        <p className="soft figures" role="status">
          {t("list.sums", {
            units: formatCount(page.units),
            received: formatCount(page.received),
          })}
          {e4(page.amount) > 0n && ` · ${t("list.at_most", { amount: formatMoney(page.amount) })}`}
        </p>
      )}
      <PurchaseNew
        open={show === "new"}
        sku={query.sku}
        quantity={quantity}
        offer={offer}
        onClose={() => change({ show: null, quantity: null, offer: null })}
      />
    </Page>
  );
}
