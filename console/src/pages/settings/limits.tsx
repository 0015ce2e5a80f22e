import { Button, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { LimitsSet } from "@/forms/limits-set";
import { oneOf, useUrl } from "@/table/url";
import { Fact, Facts } from "@/ui/facts";
import { Page } from "@/ui/page";
import { Part } from "@/ui/part";
import { ProblemNote } from "@/ui/problem";
import { Time } from "@/ui/time";
import { formatMoney } from "@/util/money";

/** Above what orders and refunds by hand wait for a second person. The owner's alone. */
export default function Limits() {
  const { t } = useTranslation("limits");
  const [{ show }, change] = useUrl({ show: oneOf("change") });
  const asked = api.useQuery("get", "/v1/order-limits");
  const limits = asked.data;
  const said = (limit: string | null | undefined) =>
    limit ? t("above", { limit }) : <span className="soft">{t("none")}</span>;
  const money = (amount: string | null) => said(amount === null ? null : formatMoney(amount));
  return (
    <Page
      title={t("title")}
      about={t("about")}
      acts={
        <Button type="primary" onClick={() => change({ show: "change" })}>
          {t("change")}
        </Button>
      }
    >
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {asked.isPending && <Skeleton active />}
      {limits && (
        <Part style={{ maxWidth: 640 }}>
          <Facts>
            <Fact name={t("order_amount")}>{money(limits.order_amount)}</Fact>
            <Fact name={t("order_units")}>
              {said(limits.order_units === null ? null : t("units", { count: limits.order_units }))}
            </Fact>
            <Fact name={t("refund_amount")}>{money(limits.refund_amount)}</Fact>
            <Fact name={t("changed")}>
              {limits.changed_by && (
                <>
                  {limits.changed_by} · <Time at={limits.changed_at} />
                </>
              )}
            </Fact>
          </Facts>
          <p className="soft">{t("who")}</p>
        </Part>
      )}
      {limits && (
        <LimitsSet
          limits={limits}
          open={show === "change"}
          onClose={() => change({ show: null })}
        />
      )}
    </Page>
  );
}
