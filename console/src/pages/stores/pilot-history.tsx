import { Card, Table } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { Count } from "@/ui/money";
import { ProblemNote } from "@/ui/problem";
import { Time } from "@/ui/time";
import type { Store } from "./frame";

type Day = components["schemas"]["DayShown"];

/** How the latest days compared: totals, as of the sheets nothing else is kept. */
export function History({ store }: { store: Store }) {
  const { t } = useTranslation("pilot");
  const asked = api.useQuery("get", "/v1/stores/{code}/pilot/comparisons", {
    params: { path: { code: store.code } },
  });
  const days = asked.data?.days ?? [];
  return (
    <Card size="small" title={t("history.title")}>
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {asked.data && days.length === 0 && <span className="soft">{t("history.none")}</span>}
      {days.length > 0 && (
        <Table<Day>
          size="small"
          rowKey="day"
          dataSource={[...days]}
          pagination={false}
          scroll={{ x: "max-content" }}
          columns={[
            { title: t("history.day"), dataIndex: "day", className: "figures" },
            ...(["same", "missed", "extra", "different"] as const).map((name) => ({
              title: t(`result.${name}`),
              align: "right" as const,
              render: (_: unknown, day: Day) => <Count value={day[name]} />,
            })),
            {
              title: t("result.unexplained"),
              align: "right",
              render: (_, day) => (
                <span className={day.unexplained > 0 ? "alarm" : ""}>
                  <Count value={day.unexplained} />
                </span>
              ),
            },
            { title: t("history.at"), render: (_, day) => <Time at={day.compared_at} /> },
          ]}
        />
      )}
    </Card>
  );
}
