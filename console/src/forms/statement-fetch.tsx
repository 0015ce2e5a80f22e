import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { FormPanel } from "./form";
import { type Days, StatementDays, useLastMonth, useTaken } from "./statement-days";

/** Ask the supplier's system for its statement of some days. */
export function StatementFetch({
  open,
  supplier,
  onClose,
}: {
  open: boolean;
  supplier: string | undefined;
  onClose: () => void;
}) {
  const { t } = useTranslation("statements");
  const begin = useLastMonth(supplier);
  const taken = useTaken();
  const send = async (body: Days) => {
    const { data } = await http.POST("/v1/statements/fetch", { body });
    await taken(data, onClose);
  };
  return (
    <FormPanel<Days>
      title={t("fetch.title")}
      about={t("fetch.about")}
      verb={t("fetch.verb")}
      open={open}
      onClose={onClose}
      initial={begin}
      send={send}
    >
      <StatementDays />
    </FormPanel>
  );
}
