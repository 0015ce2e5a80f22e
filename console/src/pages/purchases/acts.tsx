import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { http } from "@/api/client";
import { useMay } from "@/api/me";
import { asProblem } from "@/api/problem";
import { useConfirm, useWhetherMeant } from "@/forms/form";
import { Reason } from "@/forms/reason";
import { paths } from "@/paths";
import { Act } from "@/ui/act";
import { useSay } from "@/ui/problem";
import { formatMoney } from "@/util/money";
import { type Purchase, useRefreshPurchases } from "./things";

type Opens = "change" | "refuse" | "cancel";

/** What can be done to a purchase: what the server's `can` says, the rest with its reason. */
export function PurchaseActs({
  purchase,
  show,
  open,
  onClose,
}: {
  purchase: Purchase;
  show: string | undefined;
  open: (what: Opens) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation("purchases");
  const { t: shell } = useTranslation("shell");
  const may = useMay();
  const navigate = useNavigate();
  const refresh = useRefreshPurchases();
  const confirm = useConfirm();
  const meant = useWhetherMeant();
  const say = useSay();
  const [busy, setBusy] = useState(false);
  const params = { path: { purchase_id: purchase.id } };
  const { state } = purchase;
  const named = { sku: purchase.sku_name, count: purchase.quantity };
  const why = (does: string) => {
    const code = purchase.cannot[does];
    return code ? t(`cannot.${code}` as never, { defaultValue: t("cannot.any") }) : undefined;
  };
  const approve = () =>
    confirm({
      title: t("act.approve_sure", named),
      about: t("act.approve_about", {
        amount: purchase.amount ? formatMoney(purchase.amount) : t("act.unknown"),
      }),
      verb: t("act.approve"),
      send: async () => {
        await http.POST("/v1/purchases/{purchase_id}/approve", { params });
        await refresh();
        say.done(t("act.approved"));
      },
    });
  const place = async () => {
    setBusy(true);
    try {
      const { data } = await http.POST("/v1/purchases/{purchase_id}/place", { params });
      await refresh();
      if (data?.order) say.done(t("act.placed", { supplier: data.order.supplier_name }));
      else say.done(t("act.not_placed"), t("act.not_placed_about"));
    } catch (refused) {
      say.failed(refused);
    } finally {
      setBusy(false);
    }
  };
  const submit = async (sure: boolean) => {
    try {
      await http.POST("/v1/purchases/{purchase_id}/submit", { params, body: { confirm: sure } });
      await refresh();
      say.done(t("act.submitted"));
    } catch (refused) {
      const problem = asProblem(refused);
      if (problem.code !== "purchase_confirm_needed" || sure) say.failed(refused);
      else if (await meant(problem)) await submit(true);
    }
  };
  const end = async (how: "refuse" | "cancel", reason: string) => {
    if (how === "refuse")
      await http.POST("/v1/purchases/{purchase_id}/refuse", { params, body: { reason } });
    else await http.POST("/v1/purchases/{purchase_id}/cancel", { params, body: { reason } });
    await refresh();
    onClose();
    say.done(t(how === "refuse" ? "act.refused" : "act.cancelled"));
  };
  const approves = may("purchases.approve") && state === "asked";
  const writes =
    may("purchases.write") && ["draft", "asked", "wanted", "placed", "held"].includes(state);
  const row = { can: purchase.can };
  return (
    <>
      <Button onClick={() => navigate(paths.purchases())}>{shell("do.back")}</Button>
      {writes && (
        <Act {...row} does="cancel" why={why("cancel")} danger onClick={() => open("cancel")}>
          {t("act.cancel")}
        </Act>
      )}
      {writes && (
        <Act {...row} does="change" why={why("change")} onClick={() => open("change")}>
          {t("act.change")}
        </Act>
      )}
      {approves && (
        <Act {...row} does="refuse" danger onClick={() => open("refuse")}>
          {t("act.refuse")}
        </Act>
      )}
      {writes && (state === "wanted" || state === "held") && (
        <Act {...row} does="place" type="primary" loading={busy} onClick={() => void place()}>
          {t("act.place")}
        </Act>
      )}
      {writes && state === "draft" && (
        <Act {...row} does="submit" type="primary" onClick={() => submit(false)}>
          {t("act.submit")}
        </Act>
      )}
      {approves && (
        <Act {...row} does="approve" why={why("approve")} type="primary" onClick={approve}>
          {t("act.approve")}
        </Act>
      )}
      <Reason
        title={t("act.refuse_title", named)}
        label={t("act.reason")}
        verb={t("act.refuse")}
        open={show === "refuse"}
        onClose={onClose}
        send={(reason) => end("refuse", reason)}
      />
      <Reason
        title={t("act.cancel_title", named)}
        about={t("act.cancel_about")}
        label={t("act.reason")}
        verb={t("act.cancel")}
        open={show === "cancel"}
        onClose={onClose}
        send={(reason) => end("cancel", reason)}
      />
    </>
  );
}
