import { Alert, Button, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, http } from "@/api/client";
import { useMay, useMe } from "@/api/me";
import { PrepaidLimits } from "@/forms/prepaid-limits";
import { leadTo } from "@/leads";
import { paths } from "@/paths";
import type { Change } from "@/table/url";
import { Act } from "@/ui/act";
import { Badge, Word } from "@/ui/badge";
import { Day } from "@/ui/day";
import { Fact, Facts } from "@/ui/facts";
import { Money } from "@/ui/money";
import { Panel } from "@/ui/panel";
import { Failed, ProblemNote, useSay } from "@/ui/problem";
import { Time } from "@/ui/time";
import { e4, formatMoney } from "@/util/money";
import { dayIn } from "@/util/time";
import { type Standing, useLasts, useRefreshPrepaid } from "./things";

/** Our money with one supplier: what there is, how long it lasts, its limits, what they say. */
export function StandingPanel({
  code,
  limits,
  change,
  onClose,
}: {
  code: string | undefined;
  limits: boolean;
  change: Change;
  onClose: () => void;
}) {
  const { t } = useTranslation("prepaid");
  const may = useMay();
  const asked = api.useQuery(
    "get",
    "/v1/suppliers/{code}/prepaid",
    { params: { path: { code: code ?? "" } } },
    { enabled: code !== undefined },
  );
  const found = code === undefined ? undefined : asked.data;
  const pays = found?.settlement === "payable" ? "payment" : "deposit";
  return (
    <Panel
      title={found?.name ?? code ?? ""}
      open={code !== undefined}
      onClose={onClose}
      acts={
        found &&
        may("prepaid.write") && (
          <Button type="primary" onClick={() => change({ form: "ask", ask: pays })}>
            {t(`ask.${pays}`)}
          </Button>
        )
      }
    >
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {code !== undefined && asked.isPending && <Skeleton active />}
      {found && (
        <div className="purchase-panel">
          {found.frozen_because && (
            <Alert
              type="warning"
              showIcon
              title={t("frozen_title")}
              description={found.frozen_because}
            />
          )}
          {found.alerts.map((alert) => (
            <Alert
              key={alert.id}
              type="error"
              showIcon
              title={<Word of="supplier_alert" value={alert.kind} />}
              description={t(`alert_about.${alert.kind}`)}
            />
          ))}
          <Amounts found={found} />
          <Limits found={found} onEdit={() => change({ form: "limits" })} />
          <Theirs found={found} />
          <Letter found={found} />
          <Link to={paths.prepaid({ view: "movements", supplier: found.supplier })}>
            {t("see_movements")}
          </Link>
          <Supplier code={found.supplier} />
        </div>
      )}
      {found && (
        <PrepaidLimits standing={found} open={limits} onClose={() => change({ form: null })} />
      )}
    </Panel>
  );
}

function Supplier({ code }: { code: string }) {
  const { t } = useTranslation("prepaid");
  const to = leadTo("supplier", { id: "", code });
  return to && <Link to={to}>{t("see_supplier")}</Link>;
}

function Amounts({ found }: { found: Standing }) {
  const { t } = useTranslation("prepaid");
  const lasts = useLasts();
  return (
    <Facts>
      <Fact name={t("settlement")}>{t(`settlements.${found.settlement}`)}</Fact>
      <Fact name={t("available")}>
        <strong>
          <Money value={found.available} currency={found.currency} />
        </strong>
      </Fact>
      <Fact name={t("in_doubt")}>
        <Money value={found.in_doubt} currency={found.currency} />
      </Fact>
      <Fact name={t("payable")}>
        <Money value={found.payable} currency={found.currency} />
      </Fact>
      <Fact name={t("recoveries")}>
        <Money value={found.recoveries} currency={found.currency} />
      </Fact>
      <Fact name={t("room")}>
        {found.room === null ? (
          t("any_amount")
        ) : (
          <Money value={found.room} currency={found.currency} />
        )}
      </Fact>
      <Fact name={t("lasts.title")}>{lasts(found.hours_left)}</Fact>
      <Fact name={t("pace")}>
        {t("pace_of", {
          today: formatMoney(found.spent_today, found.currency),
          recent: formatMoney(found.recent_a_day, found.currency),
          average: formatMoney(found.average_a_day, found.currency),
        })}
      </Fact>
      <Fact name={t("suggested")}>
        <Money value={found.suggested_deposit} currency={found.currency} />
      </Fact>
      {found.others.map((other) => (
        <Fact key={other.currency} name={t("in_currency", { currency: other.currency })}>
          {t("other_money", {
            available: formatMoney(other.available, other.currency),
            doubt: formatMoney(other.in_doubt, other.currency),
            payable: formatMoney(other.payable, other.currency),
            recoveries: formatMoney(other.recoveries, other.currency),
          })}
        </Fact>
      ))}
    </Facts>
  );
}

function Limits({ found, onEdit }: { found: Standing; onEdit: () => void }) {
  const { t } = useTranslation("prepaid");
  const may = useMay();
  const amount = (value: string | null, none: string) =>
    value === null ? none : <Money value={value} currency={found.currency} />;
  return (
    <section>
      <h3 className="line">
        {t("limits.title")}
        {may("settings.write") && (
          <Button size="small" onClick={onEdit}>
            {t("limits.edit")}
          </Button>
        )}
      </h3>
      <Facts>
        <Fact name={t("limits.credit_max")}>
          {amount(
            found.credit_max,
            t(found.settlement === "prepaid" ? "limits.no_credit" : "any_amount"),
          )}
        </Fact>
        <Fact name={t("limits.exposure_max")}>{amount(found.exposure_max, t("any_amount"))}</Fact>
        <Fact name={t("limits.balance_low")}>
          {amount(found.balance_low, t("limits.not_told"))}
        </Fact>
        <Fact name={t("limits.tolerance")}>
          <Money value={found.tolerance} currency={found.currency} />
        </Fact>
      </Facts>
    </section>
  );
}

/** What the supplier says, beside what the books said at that moment. */
function Theirs({ found }: { found: Standing }) {
  const { t } = useTranslation("prepaid");
  const may = useMay();
  const refresh = useRefreshPrepaid();
  const say = useSay();
  const [asking, setAsking] = useState(false);
  const params = { path: { code: found.supplier } };
  const history = api.useQuery("get", "/v1/suppliers/{code}/balances", {
    params: { ...params, query: { limit: 6 } },
  });
  const ask = async () => {
    setAsking(true);
    try {
      const { data } = await http.POST("/v1/suppliers/{code}/balances", { params });
      await refresh();
      if (data) say.done(t("they_say", { amount: formatMoney(data.theirs, data.currency) }));
    } catch (refused) {
      say.failed(refused);
    } finally {
      setAsking(false);
    }
  };
  const rows = history.data?.readings ?? [];
  return (
    <section>
      <h3 className="line">
        {t("theirs")}
        {may("prepaid.write") && (
          <Button size="small" loading={asking} onClick={() => void ask()}>
            {t("ask_balance")}
          </Button>
        )}
      </h3>
      <Failed of={[history]} />
      {history.data && rows.length === 0 && <p className="soft">{t("never_read_hint")}</p>}
      {rows.length > 0 && (
        <table className="sums">
          <thead>
            <tr>
              <th scope="col">{t("read.at")}</th>
              <th scope="col">{t("read.verdict")}</th>
              <th scope="col" className="sums-end">
                {t("read.theirs")}
              </th>
              <th scope="col" className="sums-end">
                {t("read.ours")}
              </th>
              <th scope="col" className="sums-end">
                {t("read.difference")}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.at} className="sums-first">
                <th scope="row">
                  <Time at={row.at} />
                </th>
                <th scope="row">
                  <Badge of="balance_verdict" value={row.verdict} />
                </th>
                <td>
                  <Money value={row.theirs} currency={row.currency} />
                  {e4(row.frozen) > 0n && (
                    <div className="soft figures">
                      {t("read.frozen", { amount: formatMoney(row.frozen, row.currency) })}
                    </div>
                  )}
                </td>
                <td>
                  <Money value={row.ours} currency={row.currency} />
                </td>
                <td>
                  <Money value={row.difference} currency={row.currency} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

/** A letter that asks the supplier to confirm what the books said at a day's end. */
function Letter({ found }: { found: Standing }) {
  const { t } = useTranslation("prepaid");
  const zone = useMe().tenant.timezone;
  const say = useSay();
  const [on, setOn] = useState(() => dayIn(zone, new Date(Date.now() - 86_400_000)));
  const save = async () => {
    const { data } = await http.GET("/v1/suppliers/{code}/balance-letter", {
      params: { path: { code: found.supplier }, query: { on, format: "xlsx" } },
      parseAs: "blob",
    });
    if (data === undefined) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(data as unknown as Blob);
    link.download = `balance-${found.supplier}-${on}.xlsx`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <section>
      <h3>{t("letter")}</h3>
      <p className="soft">{t("letter_about")}</p>
      <span className="purchase-acts">
        <Day
          label={t("letter_on")}
          value={on}
          onChange={(day) => setOn(day ?? on)}
          needed
          width={150}
        />
        <Act onClick={() => save().catch(say.failed)}>{t("letter_save")}</Act>
      </span>
    </section>
  );
}
