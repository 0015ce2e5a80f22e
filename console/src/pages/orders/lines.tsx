import { Table } from "antd";
import { useTranslation } from "react-i18next";
import { Count, Money } from "@/ui/money";
import { type Line, nameOf } from "./columns";
import type { Order } from "./list";

const COUNTS = ["quantity", "delivered", "waiting", "refused", "refunded"] as const;

/** What the order is of, and how far each of it is. */
export function Lines({ order }: { order: Order }) {
  const { t } = useTranslation("orders");
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
    <section className="scrolls" aria-label={t("order.lines")} tabIndex={0}>
      <Table<Line>
        size="small"
        pagination={false}
        rowKey={(line) => line.line_id}
        dataSource={order.lines}
        columns={[
          {
            key: "name",
            title: t("list.product"),
            render: (_, line) => (
              <>
                {nameOf(line)} <span className="soft code">{line.sku}</span>
                {line.buying && (
                  <div className="soft">
                    {t("order.buying")}: {line.buying.why || line.buying.receipt}{" "}
                    {line.buying.account && `${t("order.account")} ${line.buying.account}`}
                  </div>
                )}
              </>
            ),
          },
          ...COUNTS.map((name) => ({
            key: name,
            title: t(`order.${name}`),
            align: "right" as const,
            render: (_: unknown, line: Line) => <Count value={line[name]} />,
          })),
          {
            key: "price",
            title: t("order.price"),
            align: "right" as const,
            render: (_, line) => <Money value={line.price} currency={order.currency} />,
          },
        ]}
      />
    </section>
  );
}
