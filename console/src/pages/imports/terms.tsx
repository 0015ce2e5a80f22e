import { Alert, Checkbox, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { components } from "@/api/schema";
import { paths } from "@/paths";
import { Chooser } from "@/things/chooser";
import { useSought } from "@/things/sought";
import { Day } from "@/ui/day";
import { e4, formatMoney, fromE4 } from "@/util/money";
import { language } from "@/words";
import type { Terms } from "./send";

export type Sku = components["schemas"]["SkuShown"];
type CardShape = components["schemas"]["CardShape"];

export const NO_TERMS: Terms = {
  sku: "",
  warehouse: "",
  supplier: "",
  unitCost: "",
  expiresOn: "",
  maxUses: "",
  soldElsewhere: false,
};

const COST = /^\d{1,12}(\.\d{1,4})?$/;
const USES = /^[1-9]\d{0,6}$/;

/** What the server says of a field, by its name. */
export type Wrong = {
  readonly [Name in
    | "sku"
    | "supplier"
    | "unit_cost"
    | "max_uses"
    | "warehouse"
    | "expires_on"]?: string;
};

export type Lacking = "sku" | "warehouse" | "supplier" | "cost" | "max_uses";

/** What a preview can't do without. */
export function lackingOf(terms: Terms, sku: Sku | undefined): Lacking[] {
  const lacking: Lacking[] = [];
  if (!sku) lacking.push("sku");
  if (!terms.supplier) lacking.push("supplier");
  if (!terms.soldElsewhere && !COST.test(terms.unitCost)) lacking.push("cost");
  if (!terms.warehouse) lacking.push("warehouse");
  if (sku?.fulfilment === "shared" && !USES.test(terms.maxUses)) lacking.push("max_uses");
  return lacking;
}

/** The warehouses and suppliers there are: where there is one only, it goes without saying. */
export function useChoosable() {
  const warehouses = useSought("warehouse", "");
  const suppliers = useSought("supplier", "");
  return {
    warehouses: warehouses.data?.things ?? [],
    suppliers: suppliers.data?.things,
    asked: [warehouses, suppliers],
  };
}

export type Choosable = ReturnType<typeof useChoosable>;

/** On what terms the cards come in: what is asked most first, one column. */
export function TermsForm({
  terms,
  change,
  choosable,
  sku,
  costAsLast,
  accepted,
  wrong,
  disabled,
}: {
  terms: Terms;
  change: (patch: Partial<Terms>) => void;
  choosable: Choosable;
  sku: Sku | undefined;
  /** The cost was filled in from the last lot: somebody should look at it. */
  costAsLast: boolean;
  accepted: number | undefined;
  /** What the server says of a field. */
  wrong: Wrong;
  disabled: boolean;
}) {
  const { t } = useTranslation("imports");
  const shared = sku?.fulfilment === "shared";
  const costWrong = terms.unitCost !== "" && !COST.test(terms.unitCost);
  return (
    <Form layout="vertical" component="div" className="import-terms" disabled={disabled}>
      <Field name="import-sku" label={t("new.sku")} help={wrong.sku}>
        <Chooser
          of="sku"
          active
          stocked
          id="import-sku"
          label={t("new.sku")}
          placeholder={t("new.sku_choose")}
          value={terms.sku || undefined}
          onChange={(code) => change({ sku: code ?? "" })}
        />
        {sku?.card_format && <Format shape={sku.card_format} />}
      </Field>
      <Field name="import-supplier" label={t("new.supplier")} help={wrong.supplier}>
        <Chooser
          of="supplier"
          id="import-supplier"
          label={t("new.supplier")}
          value={terms.supplier || undefined}
          onChange={(code) => change({ supplier: code ?? "" })}
        />
      </Field>
      {choosable.suppliers?.length === 0 && (
        <Alert
          type="warning"
          title={
            <>
              {t("new.no_suppliers")}{" "}
              <Link to={paths.suppliers({ show: "new" })}>{t("new.add_supplier")}</Link>
            </>
          }
        />
      )}
      {!terms.soldElsewhere && (
        <Field
          name="import-cost"
          label={shared ? t("new.cost_shared") : t("new.cost")}
          help={wrong.unit_cost ?? (costWrong ? t("new.cost_rule") : undefined)}
          extra={
            <>
              {costAsLast && <span>{t("new.cost_as_last")}</span>}
              {accepted !== undefined && accepted > 0 && COST.test(terms.unitCost) && !shared && (
                <span className="figures">
                  {t("new.total", {
                    amount: formatMoney(fromE4(e4(terms.unitCost) * BigInt(accepted))),
                  })}
                </span>
              )}
            </>
          }
        >
          <Input
            id="import-cost"
            prefix="¥"
            inputMode="decimal"
            autoComplete="off"
            value={terms.unitCost}
            onChange={({ target }) => change({ unitCost: target.value.trim() })}
          />
        </Field>
      )}
      {shared && (
        <Field
          name="import-uses"
          label={t("new.max_uses")}
          help={
            wrong.max_uses ??
            (terms.maxUses !== "" && !USES.test(terms.maxUses) ? t("new.max_uses_rule") : undefined)
          }
        >
          <Input
            id="import-uses"
            inputMode="numeric"
            autoComplete="off"
            value={terms.maxUses}
            onChange={({ target }) => change({ maxUses: target.value.trim() })}
          />
        </Field>
      )}
      <Field name="import-warehouse" label={t("new.warehouse")} help={wrong.warehouse}>
        <Chooser
          of="warehouse"
          id="import-warehouse"
          label={t("new.warehouse")}
          value={terms.warehouse || undefined}
          onChange={(code) => change({ warehouse: code ?? "" })}
        />
      </Field>
      <Field
        name="import-expires"
        label={t("new.expires")}
        help={wrong.expires_on}
        extra={t("new.expires_hint")}
      >
        <Day
          id="import-expires"
          value={terms.expiresOn}
          onChange={(day) => change({ expiresOn: day ?? "" })}
        />
      </Field>
      {!shared && (
        <Checkbox
          checked={terms.soldElsewhere}
          onChange={({ target }) => change({ soldElsewhere: target.checked })}
        >
          {t("new.sold")}
        </Checkbox>
      )}
      {terms.soldElsewhere && <p className="soft import-note">{t("new.sold_about")}</p>}
    </Form>
  );
}

function Field({
  name,
  label,
  help,
  extra,
  children,
}: {
  name: string;
  label: string;
  help?: string | undefined;
  extra?: React.ReactNode;
  children: React.ReactNode;
}) {
  return (
    <Form.Item
      htmlFor={name}
      label={label}
      extra={extra}
      {...(help ? { help, validateStatus: "error" as const } : {})}
    >
      {children}
    </Form.Item>
  );
}

/** What a brand's cards look like, in words. */
function Format({ shape }: { shape: CardShape }) {
  const { t } = useTranslation("imports");
  const said: string[] = [];
  const lengths = shape.lengths ?? [];
  if (lengths.length > 0) said.push(t("new.format_lengths", { lengths: lengths.join(" / ") }));
  if (!shape.password) said.push(t("new.format_no_password"));
  else
    said.push(t(shape.password_optional ? "new.format_password_optional" : "new.format_password"));
  if (shape.luhn) said.push(t("new.format_luhn"));
  const what = said.join(language() === "zh" ? "，" : ", ");
  return <p className="soft import-note">{t("new.format", { what })}</p>;
}
