import { Button, Space, Tooltip } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, http } from "@/api/client";
import { useMay } from "@/api/me";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { AgentPrice } from "@/forms/agent-price";
import { useConfirm } from "@/forms/form";
import type { Column } from "@/table/columns";
import { List } from "@/table/list";
import { Empty } from "@/ui/empty";
import { Money } from "@/ui/money";
import { useSay } from "@/ui/problem";
import { Time } from "@/ui/time";
import { language } from "@/words";

type Price = components["schemas"]["PricesShown"]["prices"][number];

/** An agent's price list: what stands in it is what it may buy. */
export function Prices({ code }: { code: string }) {
  const { t } = useTranslation("customers");
  const may = useMay();
  const [changing, setChanging] = useState<Price | "new" | null>(null);
  const asked = api.useQuery("get", "/v1/customers/{code}/prices", { params: { path: { code } } });
  const add = may("settings.write") && (
    <Button type="primary" onClick={() => setChanging("new")}>
      {t("prices.add")}
    </Button>
  );
  return (
    <>
      <List<Price>
        name="agent-prices"
        label={t("prices.label")}
        columns={useColumns(code, setChanging)}
        rows={asked.data?.prices}
        keyOf={(price) => `${price.sku} ${price.from_units}`}
        asked={asked}
        filters={
          <>
            {add}
            <span className="soft">{t("prices.about")}</span>
          </>
        }
        empty={<Empty title={t("prices.empty")}>{t("prices.empty_hint")}</Empty>}
      />
      <AgentPrice
        key={changing === null || changing === "new" ? "new" : changing.sku + changing.from_units}
        code={code}
        price={changing === "new" || changing === null ? undefined : changing}
        open={changing !== null}
        onClose={() => setChanging(null)}
      />
    </>
  );
}

function nameOf(price: Price): string {
  return language() === "zh" ? price.name_zh : price.name_en;
}

function useColumns(code: string, change: (price: Price) => void): Column<Price>[] {
  const { t } = useTranslation("customers");
  const may = useMay();
  const refresh = useRefresh();
  const confirm = useConfirm();
  const say = useSay();
  const remove = (price: Price) =>
    confirm({
      title: t("prices.remove_ask", { name: nameOf(price) }),
      about: t("prices.remove_about"),
      verb: t("prices.remove"),
      danger: true,
      send: async () => {
        const { sku, from_units } = price;
        const body = { prices: [{ sku, from_units, unit_price: null }] };
        await http.PUT("/v1/customers/{code}/prices", { params: { path: { code } }, body });
        await refresh("/v1/customers/{code}/prices");
        say.done(t("prices.removed"));
      },
    });
  const columns: Column<Price>[] = [
    { name: "sku", title: t("prices.sku"), of: nameOf },
    {
      name: "from_units",
      title: t("prices.from_units"),
      of: (price) => t("prices.from_units_of", { count: price.from_units }),
      figures: true,
    },
    {
      name: "unit_price",
      title: t("prices.unit_price"),
      of: (price) => <Money value={price.unit_price} />,
      figures: true,
    },
    { name: "since", title: t("prices.since"), of: (price) => <Time at={price.since} /> },
    {
      name: "until",
      title: t("prices.until"),
      of: (price) =>
        price.until ? (
          <Time at={price.until} exact />
        ) : (
          <span className="soft">{t("prices.forever")}</span>
        ),
    },
    {
      name: "on_sale",
      title: t("prices.on_sale"),
      of: (price) =>
        price.on_sale ? (
          t("goods.on")
        ) : (
          <Tooltip title={t("prices.not_on_sale_why")}>
            <span className="alarm">{t("prices.not_on_sale")}</span>
          </Tooltip>
        ),
    },
  ];
  if (!may("settings.write")) return columns;
  const acts: Column<Price> = {
    name: "acts",
    title: "",
    of: (price) => (
      <Space size={4}>
        <Button size="small" onClick={() => change(price)}>
          {t("prices.change")}
        </Button>
        <Button size="small" onClick={() => remove(price)}>
          {t("prices.remove")}
        </Button>
      </Space>
    ),
  };
  return [...columns, acts];
}
