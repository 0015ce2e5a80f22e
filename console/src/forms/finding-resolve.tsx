import { Alert, Form, Input, Radio } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { type Finding, useRefreshStatements } from "@/pages/statements/things";
import { useSay } from "@/ui/problem";
import { e4, formatMoney, isNegative } from "@/util/money";
import { FormPanel } from "./form";

type How = "explained" | "accepted" | "asked_back";

const LARGE_E4 = 1_000_000n; // 100 yuan: from here on somebody else approves
const isLarge = ({ in_ours: ours }: Finding) => ours == null || e4(ours) >= LARGE_E4;

/** Settle a difference: by a posting, or in words. Neither the statement nor the finding changes. */
export function FindingResolve({
  finding,
  supplier,
  open,
  onClose,
}: {
  finding: Finding;
  supplier: string;
  open: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation("statements");
  const { t: shell } = useTranslation("shell");
  const refresh = useRefreshStatements();
  const say = useSay();
  const send = async (body: { kind: How; reason: string }) => {
    const { data } = await http.POST("/v1/findings/{finding_id}/resolution", {
      params: { path: { finding_id: finding.id ?? "" } },
      body,
    });
    await refresh();
    onClose();
    const waits = data?.resolution_state === "asked";
    say.done(
      t(waits ? "resolve.waits" : body.kind === "explained" ? "resolve.said" : "find.posted"),
    );
  };
  const difference = e4(finding.difference);
  const amount = formatMoney(finding.difference.replace("-", ""), finding.currency);
  const less = isNegative(finding.difference);
  const ways: How[] = ["explained"];
  if (difference !== 0n && finding.what !== "in_doubt") {
    ways.push("accepted");
    if (!less) ways.push("asked_back");
  }
  const words = { amount, supplier };
  const about = {
    explained: t("resolve.explained"),
    accepted: t(less ? "resolve.accepted_less" : "resolve.accepted_more", words),
    asked_back: t("resolve.asked_back", words),
  };
  return (
    <FormPanel<{ kind: How; reason: string }>
      title={t("resolve.title", {
        number: finding.our_number || finding.listed_number || finding.their_number,
      })}
      about={t("resolve.about")}
      verb={t("resolve.verb")}
      open={open}
      onClose={onClose}
      send={send}
    >
      {difference !== 0n && isLarge(finding) && (
        <Alert type="info" showIcon style={{ marginBottom: 16 }} title={t("resolve.large")} />
      )}
      <Form.Item
        name="kind"
        label={t("resolve.how")}
        rules={[{ required: true, message: shell("form.required") }]}
      >
        <Radio.Group vertical options={ways.map((how) => ({ value: how, label: about[how] }))} />
      </Form.Item>
      <Form.Item
        name="reason"
        label={t("find.reason")}
        rules={[{ required: true, whitespace: true, message: shell("form.required") }]}
      >
        <Input.TextArea rows={3} maxLength={500} placeholder={t("resolve.reason_hint")} />
      </Form.Item>
    </FormPanel>
  );
}
