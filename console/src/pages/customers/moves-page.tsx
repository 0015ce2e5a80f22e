import { useTranslation } from "react-i18next";
import { Page } from "@/ui/page";
import { Moves } from "./moves";

/** What all agents paid in and took out, and what waits for a second person. */
export default function WalletMoves() {
  const { t } = useTranslation("customers");
  return (
    <Page title={t("wallet.page_title")} about={t("wallet.page_about")}>
      <Moves />
    </Page>
  );
}
