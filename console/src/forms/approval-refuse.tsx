import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import { refreshApprovals } from "@/pages/orders/approval-panel";
import type { Approval } from "@/pages/orders/approvals";
import { useSay } from "@/ui/problem";
import { FormPanel } from "./form";

/** Refuse what somebody asked for, or take back one's own: with a reason. */
export function ApprovalRefuse({
  approval,
  how,
  onClose,
}: {
  approval: Approval;
  how: "refuse" | "take_back" | null;
  onClose: () => void;
}) {
  const { t } = useTranslation("approvals");
  const refresh = useRefresh();
  const say = useSay();
  const verb = how ?? "refuse";
  const send = async (body: { reason: string }) => {
    const params = { path: { approval_id: approval.id } };
    if (verb === "refuse") await http.POST("/v1/approvals/{approval_id}/refuse", { params, body });
    else await http.POST("/v1/approvals/{approval_id}/take-back", { params, body });
    await refreshApprovals(refresh);
    onClose();
    say.done(t(verb === "refuse" ? "refused" : "taken_back"));
  };
  return (
    <FormPanel<{ reason: string }>
      title={t(verb)}
      about={t(`${verb}_about`)}
      verb={t(verb)}
      danger
      open={how !== null}
      onClose={onClose}
      send={send}
    >
      <Form.Item
        name="reason"
        label={t("reason")}
        rules={[{ required: true, whitespace: true, message: t("reason_rule") }]}
      >
        <Input.TextArea rows={3} maxLength={500} autoComplete="off" />
      </Form.Item>
    </FormPanel>
  );
}
