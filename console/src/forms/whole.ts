import type { FormRule } from "antd";
import { useTranslation } from "react-i18next";
import { formatCount } from "@/util/money";

/**
 * The rules of how many. InputNumber has bounds of its own, and changes what is beyond them without
 * a word: 200 typed where 104 are left would move all 104. Here it is said, and nothing is sent.
 */
export function useWhole(): (least: number, most: number) => FormRule[] {
  const { t } = useTranslation("shell");
  return (least, most) => [
    {
      type: "number",
      min: least,
      max: most,
      message: t("form.between", { least: formatCount(least), most: formatCount(most) }),
    },
  ];
}
