import { Space } from "antd";
import { useTranslation } from "react-i18next";
import { api, http } from "@/api/client";
import { useMe } from "@/api/me";
import { useRefresh } from "@/api/refresh";
import { BreakerOpen } from "@/forms/breaker-open";
import type { Change } from "@/table/url";
import { Act } from "@/ui/act";
import { Badge, Word } from "@/ui/badge";
import { Part } from "@/ui/part";
import { ProblemNote, useSay } from "@/ui/problem";
import { Time } from "@/ui/time";
import { formatExact } from "@/util/time";
import { type Supplier, Took } from "./shown";

/** Whether a supplier is ordered from, why not, and how the last orders went. */
export function Breaker({
  supplier,
  opening,
  change,
}: {
  supplier: Supplier;
  opening: boolean;
  change: Change;
}) {
  const { t } = useTranslation("suppliers");
  const zone = useMe().tenant.timezone;
  const refresh = useRefresh();
  const say = useSay();
  const params = { path: { code: supplier.code } };
  const asked = api.useQuery("get", "/v1/suppliers/{code}/breaker", { params });
  const breaker = asked.data;
  const close = async () => {
    try {
      await http.POST("/v1/suppliers/{code}/breaker/close", { params });
      await refresh("/v1/suppliers/{code}/breaker", "/v1/supplier-overview", "/v1/prices");
      say.done(t("breaker.closed"));
    } catch (refused) {
      say.failed(refused);
    }
  };
  return (
    <Part title={t("breaker.title")}>
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {breaker && (
        <div className="stack">
          <div>
            <Badge of="breaker" value={breaker.state} />{" "}
            {breaker.state === "open" && breaker.broken_until && (
              <span className="figures">
                {t("breaker.since", { until: formatExact(new Date(breaker.broken_until), zone) })}
              </span>
            )}{" "}
            {breaker.breaks > 1 && t("breaker.in_row", { count: breaker.breaks })}
            {breaker.because !== "" && (
              <div>
                <Word of="broken_because" value={breaker.because} />
              </div>
            )}
            <p className="soft">{t("breaker.about")}</p>
          </div>
          <Space wrap>
            {breaker.breaks > 0 ? (
              <Act can={breaker.can} does="close" type="primary" onClick={close}>
                {t("breaker.close")}
              </Act>
            ) : (
              <Act can={breaker.can} does="open" onClick={() => change({ show: "breaker" })}>
                {t("breaker.open")}
              </Act>
            )}
          </Space>
          <div>
            <h3>{t("breaker.late")}</h3>
            {breaker.late.length === 0 && <p className="soft">{t("breaker.no_late")}</p>}
            {breaker.late.slice(0, 10).map((each) => (
              <div className="line" key={each.at}>
                <span className="line-main">
                  <Badge of="placing" value={each.outcome} />
                </span>
                <Took ms={each.latency_ms} />
                <span className="soft">
                  <Time at={each.at} />
                </span>
              </div>
            ))}
          </div>
        </div>
      )}
      <BreakerOpen supplier={supplier} open={opening} onClose={() => change({ show: null })} />
    </Part>
  );
}
