import { DownloadOutlined } from "@ant-design/icons";
import { Button, Space } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, http } from "@/api/client";
import { useMay } from "@/api/me";
import type { components } from "@/api/schema";
import { WalletMove } from "@/forms/wallet-move";
import type { Column } from "@/table/columns";
import { List } from "@/table/list";
import { text, useUrl } from "@/table/url";
import { Empty } from "@/ui/empty";
import { Figure } from "@/ui/figure";
import { Count, Money } from "@/ui/money";
import { useSay } from "@/ui/problem";
import { Time } from "@/ui/time";
import { saveFile } from "@/util/files";
import { isNegative } from "@/util/money";
import { Moves } from "./moves";

type Agent = components["schemas"]["AgentShown"];
type Entry = components["schemas"]["EntryShown"];

/** An agent's money: what it has, what moved, what was posted. */
export function Wallet({ agent }: { agent: Agent }) {
  const { t } = useTranslation("customers");
  const may = useMay();
  const [noting, setNoting] = useState<"deposit" | "withdrawal" | null>(null);
  const owes = isNegative(agent.wallet);
  return (
    <div className="import-main">
      <div className="figures-strip">
        <Figure
          name={t("wallet.wallet")}
          value={<Money value={agent.wallet} />}
          means={t("wallet.wallet_means")}
          alarm={owes}
          note={owes ? t("wallet.owes") : undefined}
        />
        <Figure name={t("wallet.credit")} value={<Money value={agent.credit_max} />} />
        <Figure
          name={t("wallet.room")}
          value={<Money value={agent.room} />}
          means={t("wallet.room_means")}
        />
      </div>
      {may("prepaid.write") && (
        <Space wrap>
          <Button type="primary" onClick={() => setNoting("deposit")}>
            {t("wallet.deposit")}
          </Button>
          <Button onClick={() => setNoting("withdrawal")}>{t("wallet.withdrawal")}</Button>
        </Space>
      )}
      {may("prepaid.read") && <Moves customer={agent.customer} />}
      <Statement code={agent.customer} />
      <WalletMove agent={agent} kind={noting} onClose={() => setNoting(null)} />
    </div>
  );
}

/** What was posted to the wallet in the last days, oldest first. */
function Statement({ code }: { code: string }) {
  const { t } = useTranslation("customers");
  const say = useSay();
  const [busy, setBusy] = useState(false);
  const [{ after }, change] = useUrl({ after: text });
  const asked = api.useQuery("get", "/v1/customers/{code}/wallet-statement", {
    params: { path: { code }, query: after ? { after } : {} },
  });
  const page = asked.data as components["schemas"]["WalletStatement"] | undefined;
  const get = async () => {
    setBusy(true);
    try {
      const { data } = await http.GET("/v1/customers/{code}/wallet-statement", {
        params: { path: { code }, query: { format: "csv" } },
        parseAs: "blob",
      });
      saveFile(data as unknown as Blob, `${code}.csv`);
    } catch (error) {
      say.failed(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <List<Entry>
      name="wallet-statement"
      label={t("wallet.statement")}
      columns={useEntryColumns()}
      rows={page?.entries}
      keyOf={(entry) => entry.id}
      asked={asked}
      change={change}
      cursor={{ name: "after", at: after, next: page?.next }}
      filters={
        <>
          <strong>{t("wallet.statement")}</strong>
          <span className="soft">{t("wallet.statement_about")}</span>
          <Button icon={<DownloadOutlined />} loading={busy} onClick={get}>
            {t("wallet.download")}
          </Button>
        </>
      }
      empty={<Empty title={t("wallet.statement_none")} />}
    />
  );
}

function useEntryColumns(): Column<Entry>[] {
  const { t } = useTranslation("customers");
  const { t: finance } = useTranslation("finance");
  return [
    { name: "at", title: t("wallet.at"), of: (entry) => <Time at={entry.posted_at} exact /> },
    {
      name: "why",
      title: t("wallet.why"),
      of: (entry) => finance(`reason.${entry.reason}` as never, { defaultValue: entry.reason }),
    },
    { name: "order", title: t("wallet.order"), of: (entry) => entry.order_number },
    {
      name: "sku",
      title: t("wallet.sku"),
      of: (entry) => <span className="code">{entry.sku}</span>,
    },
    {
      name: "quantity",
      title: t("wallet.quantity"),
      of: (entry) => entry.quantity !== 0 && <Count value={entry.quantity} />,
      figures: true,
    },
    {
      name: "amount",
      title: t("wallet.amount"),
      of: (entry) => <Money value={entry.amount} />,
      figures: true,
    },
    {
      name: "balance",
      title: t("wallet.balance"),
      of: (entry) => <Money value={entry.balance} />,
      figures: true,
    },
  ];
}
