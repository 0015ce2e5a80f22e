import { App, Button } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useConfirm } from "@/forms/form";
import { useSay } from "@/ui/problem";
import { e4, formatMoney, fromE4 } from "@/util/money";
import { type Purchase, useRefreshPurchases } from "./things";

/** Approve what was chosen, at once; one that isn't approved doesn't hold up the others. */
export function ApproveMany({
  chosen,
  onDone,
}: {
  chosen: readonly Purchase[];
  onDone: () => void;
}) {
  const { t } = useTranslation("purchases");
  const confirm = useConfirm();
  const refresh = useRefreshPurchases();
  const say = useSay();
  const { modal } = App.useApp();
  const count = chosen.length;
  const amount = formatMoney(
    fromE4(chosen.reduce((sum, purchase) => sum + e4(purchase.amount ?? "0"), 0n)),
  );
  const approve = async () => {
    const body = { ids: chosen.map((purchase) => purchase.id) };
    const { data } = await http.POST("/v1/purchases/approve", { body });
    await refresh();
    onDone();
    if (data === undefined) return;
    if (data.done > 0) say.done(t("many.done", { count: data.done }));
    const refused = data.outcomes.flatMap(({ id, problem }) => {
      const purchase = chosen.find((each) => each.id === id);
      return problem && purchase ? [{ purchase, detail: problem.detail }] : [];
    });
    if (refused.length === 0) return;
    modal.warning({
      title: t("many.not_done", { count: refused.length }),
      content: (
        <ul className="plain-steps">
          {refused.map(({ purchase, detail }) => (
            <li key={purchase.id}>
              {t("many.of", { sku: purchase.sku_name, count: purchase.quantity })} {detail}
            </li>
          ))}
        </ul>
      ),
    });
  };
  const ask = () =>
    confirm({
      title: t("many.sure", { count }),
      about: t("many.about", { amount }),
      verb: t("many.verb", { count }),
      send: approve,
    });
  return (
    <Button type="primary" onClick={ask}>
      {t("many.verb", { count })}
    </Button>
  );
}
