import { Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { asForm, http } from "@/api/client";
import { Problem } from "@/api/problem";
import { type Movement, useRefreshPrepaid } from "@/pages/prepaid/things";
import { useSay } from "@/ui/problem";
import { formatMoney } from "@/util/money";
import { FormPanel } from "./form";

/** Note that it was paid, with what shows it: a number, a file, or both. */
export function PrepaidPay({
  movement,
  open,
  onClose,
}: {
  movement: Movement;
  open: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation("prepaid");
  const refresh = useRefreshPrepaid();
  const say = useSay();
  const [file, setFile] = useState<File>();
  const send = async ({ reference }: { reference?: string }) => {
    if (!reference?.trim() && file === undefined) {
      const said = { title: t("pay.nothing"), detail: "", status: 0, code: "nothing" };
      throw new Problem({ type: "about:blank", ...said });
    }
    const form = new FormData();
    form.set("reference", reference?.trim() ?? "");
    if (file) form.set("file", file);
    await http.POST("/v1/prepaid/movements/{movement_id}/payment", {
      params: { path: { movement_id: movement.id } },
      ...asForm(form),
    });
    setFile(undefined);
    await refresh();
    onClose();
    say.done(t("pay.done"), t("pay.done_about"));
  };
  return (
    <FormPanel<{ reference?: string }>
      title={t("pay.title")}
      about={t("pay.about", {
        amount: formatMoney(movement.amount, movement.currency),
        supplier: movement.supplier_name,
      })}
      verb={t("pay.verb")}
      open={open}
      onClose={onClose}
      send={send}
    >
      <Form.Item name="reference" label={t("moves.reference")}>
        <Input autoComplete="off" maxLength={100} />
      </Form.Item>
      <Form.Item label={t("pay.file")} extra={t("pay.file_hint")}>
        <input
          type="file"
          aria-label={t("pay.file")}
          accept="image/*,application/pdf"
          onChange={({ target }) => setFile(target.files?.[0])}
        />
      </Form.Item>
    </FormPanel>
  );
}
