import { Progress } from "antd";
import { useTranslation } from "react-i18next";
import { api, http } from "@/api/client";
import { useMay } from "@/api/me";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { useConfirm } from "@/forms/form";
import { Act } from "@/ui/act";
import { Fact, Facts } from "@/ui/facts";
import { Part } from "@/ui/part";
import { ProblemNote, useSay } from "@/ui/problem";
import { formatCount } from "@/util/money";

type Standing = components["schemas"]["KeysStanding"];

const LOOK_MS = 5_000; // while cards are being resealed

/** Under which key cards are sealed, how far a change of it has come, and the change itself. */
export function Keys({ keys }: { keys: Standing }) {
  const { t } = useTranslation("system");
  const may = useMay();
  const confirm = useConfirm();
  const refresh = useRefresh();
  const say = useSay();
  const asked = api.useQuery(
    "get",
    "/v1/stock/resealing",
    {},
    { refetchInterval: keys.retiring.length > 0 && LOOK_MS },
  );
  const resealing = asked.data;
  const rotate = async () => {
    await http.POST("/v1/system/rotate-data-key", { body: { version: keys.version } });
    await refresh("/v1/system", "/v1/stock/resealing");
    say.done(t("keys.rotated"));
  };
  const under_way = keys.retiring.length > 0;
  return (
    <Part title={t("keys.title")}>
      <Facts>
        <Fact name={t("keys.version")}>{keys.version}</Fact>
        <Fact name={t("keys.retiring")}>
          {under_way ? keys.retiring.join(" · ") : <span className="soft">{t("keys.none")}</span>}
        </Fact>
        <Fact name={t("keys.master")}>
          {keys.under_an_earlier_master > 0 ? (
            <span className="alarm">
              {t("keys.earlier_master", { count: keys.under_an_earlier_master })}
            </span>
          ) : (
            t("keys.master_fine")
          )}
        </Fact>
      </Facts>
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {resealing?.under_way && (
        <div style={{ maxWidth: 420, marginTop: 8 }}>
          <Progress
            percent={percentOf(resealing.done, resealing.total)}
            aria-label={t("keys.resealing")}
          />
          <span className="soft">
            {t("keys.resealed", {
              done: formatCount(resealing.done),
              total: formatCount(resealing.total),
            })}
          </span>
        </div>
      )}
      {may("keys.manage") && (
        <p style={{ margin: "12px 0 0" }}>
          <Act
            can={under_way ? [] : ["rotate"]}
            does="rotate"
            why={t("keys.why_not")}
            onClick={() =>
              confirm({
                title: t("keys.rotate_ask"),
                about: t("keys.rotate_about"),
                verb: t("keys.rotate"),
                send: rotate,
              })
            }
          >
            {t("keys.rotate")}
          </Act>
        </p>
      )}
    </Part>
  );
}

function percentOf(done: number, total: number): number {
  return total > 0 ? Math.floor((100 * done) / total) : 100;
}
