import { Select } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { type Candidate, skuName } from "./listings-types";

/** Choose a SKU by its name or code; what is suggested stands first, with its reason. */
export function SkuChoice({
  value,
  onChange,
  candidates = [],
  label,
  id,
  width = 260,
}: {
  value?: string | undefined;
  onChange?: (sku: string | undefined) => void;
  candidates?: readonly Candidate[];
  label: string;
  id?: string;
  width?: number | string;
}) {
  const { t } = useTranslation("listings");
  const asked = api.useQuery(
    "get",
    "/v1/skus",
    { params: { query: { state: "active", limit: 500 } } },
    { staleTime: 60_000 },
  );
  const suggested = new Set(candidates.map(({ sku }) => sku));
  const options = [
    ...candidates.map((each) => ({
      value: each.sku,
      label: skuName(each),
      code: `${each.sku} · ${t(`because.${each.because}` as "because.title")}`,
    })),
    ...(asked.data?.skus ?? [])
      .filter(({ code }) => !suggested.has(code))
      .map((sku) => ({ value: sku.code, label: skuName(sku), code: sku.code })),
  ];
  return (
    <Select
      {...(id ? { id } : {})}
      aria-label={label}
      placeholder={t("choose")}
      value={value ?? null}
      options={options}
      showSearch={{
        filterOption: (typed, option) =>
          `${option?.label} ${option?.code}`.toLowerCase().includes(typed.toLowerCase()),
      }}
      optionRender={(option) => (
        <>
          {option.data.label} <span className="soft code">{option.data.code}</span>
        </>
      )}
      onChange={(chosen) => onChange?.(chosen ?? undefined)}
      popupMatchSelectWidth={false}
      style={{ width, maxWidth: "100%" }}
    />
  );
}
