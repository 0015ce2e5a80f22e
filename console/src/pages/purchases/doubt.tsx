import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { paths } from "@/paths";
import { List } from "@/table/list";
import { oneOf, text, useUrl } from "@/table/url";
import { Badge } from "@/ui/badge";
import { Empty } from "@/ui/empty";
import { Figure } from "@/ui/figure";
import { Count, Money } from "@/ui/money";
import { Page } from "@/ui/page";
import { Part } from "@/ui/part";
import { Time } from "@/ui/time";
import { compareMoney, e4 } from "@/util/money";
import { AttemptActs } from "./attempt-acts";
import { AttemptPanel } from "./attempt-panel";
import type { Attempt } from "./things";

type Doubts = components["schemas"]["InDoubtShown"];

/** Money whose outcome nobody knows: at whom, for how long, and what can be done. */
export default function Doubt() {
  const { t } = useTranslation("purchases");
  const navigate = useNavigate();
  const [{ show, form, sort, supplier }, change] = useUrl(
    { show: text, form: oneOf("bought", "not_bought"), sort: text, supplier: text },
    { stays: ["show", "form"] },
  );
  const asked = api.useQuery("get", "/v1/money-in-doubt");
  const found = asked.data;
  const rows = found?.orders.filter((each) => supplier === undefined || each.supplier === supplier);
  return (
    <Page
      title={t("doubt.title")}
      about={t("doubt.about")}
      acts={<Button onClick={() => navigate(paths.purchases())}>{t("list.title")}</Button>}
    >
      {found && <Sums found={found} />}
      {found && found.suppliers.length > 0 && (
        <div style={{ marginBottom: 12 }}>
          <Part title={t("doubt.by_supplier")}>
            <BySupplier
              found={found}
              chosen={supplier}
              choose={(code) => change({ supplier: code })}
            />
          </Part>
        </div>
      )}
      <List<Attempt>
        name="doubt"
        label={t("doubt.label")}
        rows={rows}
        keyOf={(each) => each.id}
        asked={asked}
        sort={sort}
        change={change}
        opened={show}
        linkOf={(each) => paths.doubt({ ...(supplier ? { supplier } : {}), show: each.id })}
        filtered={supplier !== undefined}
        onClear={() => change({ supplier: null })}
        columns={[
          {
            name: "number",
            title: t("doubt.number"),
            of: (each) => <span className="code">{each.number}</span>,
          },
          { name: "supplier", title: t("list.supplier"), of: (each) => each.supplier_name },
          { name: "sku", title: t("list.sku"), of: (each) => each.sku_name },
          {
            name: "total",
            title: t("doubt.amount"),
            of: (each) => <Money value={each.total} currency={each.currency} />,
            figures: true,
            compare: (one, other) => compareMoney(one.total_in_ours, other.total_in_ours),
          },
          {
            name: "state",
            title: t("list.state"),
            of: (each) => <Badge of="attempt" value={each.state} />,
            compare: (one, other) => one.state.localeCompare(other.state),
          },
          {
            name: "words",
            title: t("doubt.said"),
            of: (each) => <span className="purchase-words">{each.words}</span>,
          },
          {
            name: "made",
            title: t("doubt.since"),
            of: (each) => <Time at={each.made_at} />,
            compare: (one, other) => one.made_at.localeCompare(other.made_at),
          },
          {
            name: "acts",
            title: t("doubt.acts"),
            of: (each) => (
              <AttemptActs
                attempt={each}
                brief
                open={(what) => change({ show: each.id, form: what })}
              />
            ),
          },
          {
            name: "next",
            title: t("doubt.next"),
            of: (each) => (each.next_at ? <Time at={each.next_at} /> : "—"),
            optional: true,
          },
          {
            name: "asks",
            title: t("doubt.asks"),
            of: (each) => <Count value={each.asks} />,
            figures: true,
            optional: true,
          },
        ]}
        empty={<Empty title={t("doubt.empty")}>{t("doubt.empty_hint")}</Empty>}
      />
      <AttemptPanel
        id={show}
        form={form}
        open={(what) => change({ form: what })}
        onClose={() => change(form ? { form: null } : { show: null })}
      />
    </Page>
  );
}

function Sums({ found }: { found: Doubts }) {
  const { t } = useTranslation("purchases");
  const left = found.orders.filter((each) => each.state === "manual").length;
  const [oldest] = found.orders;
  return (
    <div className="figures-strip" style={{ marginBottom: 12 }}>
      <Figure
        name={t("doubt.title")}
        value={<Money value={found.total} currency={found.currency} />}
        means={t("waiting.doubt_means")}
        alarm={e4(found.total) > 0n}
      />
      <Figure name={t("doubt.orders")} value={<Count value={found.orders.length} />} />
      <Figure name={t("doubt.left")} value={<Count value={left} />} alarm={left > 0} />
      <Figure name={t("doubt.oldest")} value={oldest ? <Time at={oldest.made_at} /> : "—"} />
    </div>
  );
}

function BySupplier({
  found,
  chosen,
  choose,
}: {
  found: Doubts;
  chosen: string | undefined;
  choose: (code: string | null) => void;
}) {
  const { t } = useTranslation("purchases");
  return (
    <table className="sums">
      <tbody>
        {found.suppliers.map((each) => (
          <tr key={each.supplier}>
            <th scope="row">
              <Button
                type="link"
                size="small"
                aria-pressed={chosen === each.supplier}
                onClick={() => choose(chosen === each.supplier ? null : each.supplier)}
              >
                {each.supplier_name}
              </Button>
            </th>
            <td>{t("doubt.orders_of", { count: each.orders })}</td>
            <td className={each.left_to_people > 0 ? "alarm" : "soft"}>
              {t("doubt.left_of", { count: each.left_to_people })}
            </td>
            <td>
              <Time at={each.oldest_at} />
            </td>
            <td>
              <Money value={each.amount} currency={each.currency} />
            </td>
          </tr>
        ))}
        <tr className="sums-net">
          <th scope="row" colSpan={4}>
            {t("doubt.sum")}
          </th>
          <td>
            <Money value={found.total} currency={found.currency} />
          </td>
        </tr>
      </tbody>
    </table>
  );
}
