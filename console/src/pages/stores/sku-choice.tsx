import { useTranslation } from "react-i18next";
import { Chooser } from "@/things/chooser";
import { type Candidate, skuName } from "./listings-types";

/** Choose a SKU by its name or code; what is suggested stands first, with its reason. */
export function SkuChoice({
  candidates = [],
  ...props
}: {
  value?: string | undefined;
  onChange?: (sku: string | undefined) => void;
  candidates?: readonly Candidate[];
  label: string;
  id?: string;
  width?: number | string;
}) {
  const { t } = useTranslation("listings");
  const first = candidates.map((each) => ({
    value: each.sku,
    label: skuName(each),
    note: `${each.sku} · ${t(`because.${each.because}` as "because.title")}`,
  }));
  return <Chooser of="sku" active first={first} placeholder={t("choose")} width={260} {...props} />;
}
