import { Button, Space } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, http } from "@/api/client";
import { useMay } from "@/api/me";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { AgentGood } from "@/forms/agent-good";
import { List } from "@/table/list";
import { Act } from "@/ui/act";
import { Badge } from "@/ui/badge";
import { Empty } from "@/ui/empty";
import { Count } from "@/ui/money";
import { Page } from "@/ui/page";
import { useSay } from "@/ui/problem";
import { language } from "@/words";

type Good = components["schemas"]["GoodShown"];

/** What agents may be sold at all. */
export default function Goods() {
  const { t } = useTranslation("customers");
  const may = useMay();
  const [changing, setChanging] = useState<Good | "new" | null>(null);
  const asked = api.useQuery("get", "/v1/agent-goods");
  const add = may("settings.write") && (
    <Button type="primary" onClick={() => setChanging("new")}>
      {t("goods.add")}
    </Button>
  );
  return (
    <Page title={t("goods.title")} about={t("goods.about")} acts={add}>
      <List<Good>
        name="agent-goods"
        label={t("goods.label")}
        rows={asked.data?.goods}
        keyOf={(good) => good.sku}
        asked={asked}
        columns={[
          {
            name: "sku",
            title: t("goods.sku"),
            of: (good) => (language() === "zh" ? good.name_zh : good.name_en),
          },
          {
            name: "on_sale",
            title: t("goods.on_sale"),
            of: (good) => <Badge of="agent_good" value={good.on_sale ? "on" : "off"} />,
          },
          {
            name: "buffer",
            title: t("goods.buffer"),
            of: (good) => <Count value={good.buffer} />,
            figures: true,
          },
          {
            name: "number",
            title: t("goods.number"),
            of: (good) => <span className="code">{good.good}</span>,
          },
          {
            name: "acts",
            title: "",
            of: (good) => <GoodActs good={good} change={() => setChanging(good)} />,
          },
        ]}
        empty={
          <Empty title={t("goods.empty")} act={add}>
            {t("goods.empty_hint")}
          </Empty>
        }
      />
      <AgentGood
        key={changing === null || changing === "new" ? "new" : changing.sku}
        good={changing === "new" || changing === null ? undefined : changing}
        open={changing !== null}
        onClose={() => setChanging(null)}
      />
    </Page>
  );
}

function GoodActs({ good, change }: { good: Good; change: () => void }) {
  const { t } = useTranslation("customers");
  const may = useMay();
  const refresh = useRefresh();
  const say = useSay();
  const can = may("settings.write") ? ["change", "turn"] : [];
  const turn = async () => {
    const { sku, buffer } = good;
    const body = { goods: [{ sku, buffer, on_sale: !good.on_sale }] };
    await http.PUT("/v1/agent-goods", { body });
    await refresh("/v1/agent-goods", "/v1/customers/{code}/prices");
    say.done(good.on_sale ? t("goods.closed") : t("goods.saved"));
  };
  const small = { size: "small" as const, can, why: t("goods.why_role") };
  return (
    <Space size={4}>
      {good.on_sale && (
        <Act {...small} does="change" onClick={change}>
          {t("goods.change")}
        </Act>
      )}
      <Act {...small} does="turn" onClick={() => turn().catch(say.failed)}>
        {good.on_sale ? t("goods.close") : t("goods.open")}
      </Act>
    </Space>
  );
}
