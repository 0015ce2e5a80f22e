import { Form } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useMe } from "@/api/me";
import { type Statement, useRefreshStatements } from "@/pages/statements/things";
import { paths } from "@/paths";
import { Chooser } from "@/things/chooser";
import { Day } from "@/ui/day";
import { useSay } from "@/ui/problem";
import { dayIn } from "@/util/time";

/** Whose statement it is, and of which days. */
export interface Days {
  supplier: string;
  first_on: string;
  last_on: string;
}

export function StatementDays() {
  const { t } = useTranslation("statements");
  const { t: shell } = useTranslation("shell");
  const required = [{ required: true, message: shell("form.required") }];
  return (
    <>
      <Form.Item name="supplier" label={t("supplier")} rules={required}>
        <Chooser of="supplier" />
      </Form.Item>
      <Form.Item name="first_on" label={t("take.first_on")} rules={required}>
        <Day needed width={180} />
      </Form.Item>
      <Form.Item name="last_on" label={t("take.last_on")} rules={required}>
        <Day needed width={180} />
      </Form.Item>
    </>
  );
}

/** What such a form begins with. */
export function useLastMonth(supplier: string | undefined): Partial<Days> {
  const [first_on, last_on] = lastMonth(useMe().tenant.timezone);
  return { first_on, last_on, ...(supplier ? { supplier } : {}) };
}

/** Once a statement came: read it anew, close the form, say so, and go there. */
export function useTaken(): (came: Statement | undefined, close: () => void) => Promise<void> {
  const { t } = useTranslation("statements");
  const navigate = useNavigate();
  const refresh = useRefreshStatements();
  const say = useSay();
  return async (came, close) => {
    await refresh();
    close();
    if (came === undefined) return;
    say.done(t(came.is_new ? "take.done" : "take.known"));
    if (came.id) navigate(paths.supplierStatement(came.id));
  };
}

/** The first and the last day of the month before this one, in the shop's zone. */
function lastMonth(zone: string): [string, string] {
  const [year = 0, month = 0] = dayIn(zone).split("-").map(Number);
  const written = (at: Date) => at.toISOString().slice(0, 10);
  return [
    written(new Date(Date.UTC(year, month - 2, 1))),
    written(new Date(Date.UTC(year, month - 1, 0))),
  ];
}
