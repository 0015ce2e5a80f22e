import { useState } from "react";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useMay } from "@/api/me";
import { Act } from "@/ui/act";
import { useSay } from "@/ui/problem";
import { type Attempt, useRefreshPurchases } from "./things";

/** What can be done about an order whose outcome isn't known: ask again, or say what became of it. */
export function AttemptActs({
  attempt,
  open,
  brief,
}: {
  attempt: Attempt;
  open: (what: "bought" | "not_bought") => void;
  /** Only what is always harmless. */
  brief?: boolean;
}) {
  const { t } = useTranslation("purchases");
  const { t: states } = useTranslation("states");
  const may = useMay();
  const refresh = useRefreshPurchases();
  const say = useSay();
  const [asking, setAsking] = useState(false);
  const live = ["sending", "unclear", "processing", "manual"].includes(attempt.state);
  const ask = async () => {
    setAsking(true);
    try {
      const params = { path: { attempt_id: attempt.id } };
      const { data } = await http.POST("/v1/supplier-orders/{attempt_id}/ask", { params });
      await refresh();
      if (data) say.done(t("act.asked", { state: states(`attempt.${data.state}`) }), data.words);
    } catch (refused) {
      say.failed(refused);
    } finally {
      setAsking(false);
    }
  };
  if (!live && !attempt.can.includes("bought")) return null;
  const small = { size: "small" as const, can: attempt.can };
  const decides = may(["purchases.write", "purchases.approve"]);
  return (
    <span className="purchase-acts">
      {may("purchases.write") && live && (
        <Act
          {...small}
          does="ask"
          why={t("cannot.sending")}
          loading={asking}
          onClick={() => void ask()}
        >
          {t("act.ask")}
        </Act>
      )}
      {!brief && may("purchases.write") && (
        <Act {...small} does="bought" why={t("cannot.sending")} onClick={() => open("bought")}>
          {t("act.bought")}
        </Act>
      )}
      {!brief && decides && live && (
        <Act
          {...small}
          does="not_bought"
          why={t("cannot.not_manual")}
          danger
          onClick={() => open("not_bought")}
        >
          {t("act.not_bought")}
        </Act>
      )}
    </span>
  );
}
