import { keepPreviousData } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useMay } from "@/api/me";
import "@/theme/supply.css";
import { SupplierNew } from "@/forms/supplier-new";
import { paths } from "@/paths";
import type { Column } from "@/table/columns";
import { List } from "@/table/list";
import { text, useUrl } from "@/table/url";
import { Badge, Word } from "@/ui/badge";
import { Empty } from "@/ui/empty";
import { Money } from "@/ui/money";
import { Page } from "@/ui/page";
import { formatMoney, isNegative } from "@/util/money";
import { Offers, PapersDue, PricesAsOf, Share, type Supplier, Took } from "./shown";

/** Whom we buy from: can we, how does it go, what money is left there. */
export default function Suppliers() {
  const { t } = useTranslation("suppliers");
  const may = useMay();
  const [{ after, show }, change] = useUrl({ after: text, show: text });
  const asked = api.useQuery(
    "get",
    "/v1/supplier-overview",
    { params: { query: after ? { after } : {} } },
    { placeholderData: keepPreviousData },
  );
  const add = may("settings.write") && (
    <Button type="primary" onClick={() => change({ show: "new" })}>
      {t("list.add")}
    </Button>
  );
  return (
    <Page title={t("list.title")} about={t("list.about")} acts={add}>
      <List<Supplier>
        name="suppliers"
        label={t("list.label")}
        columns={useColumns(may("prepaid.read"))}
        rows={asked.data?.suppliers}
        keyOf={(supplier) => supplier.code}
        asked={asked}
        total={asked.data?.total}
        cursor={{ name: "after", at: after, next: asked.data?.next_after }}
        linkOf={(supplier) => paths.supplier(supplier.code)}
        empty={
          <Empty title={t("list.empty")} act={add}>
            {t("list.empty_hint")}
          </Empty>
        }
      />
      <SupplierNew open={show === "new"} onClose={() => change({ show: null })} />
    </Page>
  );
}

function useColumns(seesMoney: boolean): Column<Supplier>[] {
  const { t } = useTranslation("suppliers");
  const money: Column<Supplier> = {
    name: "money",
    title: t("list.money"),
    of: (supplier) =>
      supplier.settlement === "payable" && supplier.payable !== null ? (
        <span className={isNegative(supplier.payable) ? "figures alarm" : "figures"}>
          {t("list.owed", { amount: formatMoney(supplier.payable, supplier.currency) })}
        </span>
      ) : (
        <Money value={supplier.available} currency={supplier.currency} />
      ),
    figures: true,
  };
  return [
    {
      name: "name",
      title: t("list.name"),
      of: (supplier) => (
        <span className="price-sku">
          {supplier.name}
          <span className="price-note code">{supplier.code}</span>
        </span>
      ),
    },
    {
      name: "state",
      title: t("list.state"),
      of: (supplier) => <Badge of="footing" value={supplier.footing} />,
    },
    ...(seesMoney ? [money] : []),
    {
      name: "success",
      title: t("list.success"),
      of: (supplier) => <Share ppm={supplier.success_ppm} none={t("list.untried")} />,
      figures: true,
    },
    {
      name: "p95",
      title: t("list.p95"),
      of: (supplier) => <Took ms={supplier.p95_ms} />,
      figures: true,
    },
    {
      name: "invalid",
      title: t("list.invalid"),
      of: (supplier) => <Share ppm={supplier.invalid_ppm} />,
      figures: true,
      optional: true,
    },
    {
      name: "prices",
      title: t("list.prices"),
      of: (supplier) => <PricesAsOf of={supplier} />,
    },
    { name: "offers", title: t("list.offers"), of: (supplier) => <Offers of={supplier} /> },
    { name: "papers", title: t("list.papers"), of: (supplier) => <PapersDue of={supplier} /> },
    {
      name: "tier",
      title: t("list.tier"),
      of: (supplier) => <Word of="tier" value={String(supplier.tier)} />,
      optional: true,
    },
  ];
}
