import { keepPreviousData } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useMay } from "@/api/me";
import type { components } from "@/api/schema";
import { CatalogueImport } from "@/forms/catalogue-import";
import { paths } from "@/paths";
import type { Column } from "@/table/columns";
import { Choice, Typed } from "@/table/filters";
import { List } from "@/table/list";
import { oneOf, text, useUrl } from "@/table/url";
import { Badge, useChoices, Word } from "@/ui/badge";
import { Empty } from "@/ui/empty";
import { Money } from "@/ui/money";
import { Page } from "@/ui/page";
import { language } from "@/words";
import { SkuPanel } from "./panel";

export type Sku = components["schemas"]["SkuShown"];

const QUERY = {
  brand: text,
  product: text,
  fulfilment: oneOf("card", "topup", "link", "shared", "own", "physical", "bundle"),
  state: oneOf("active", "retired"),
  after: text,
  sort: text,
  show: text,
};

/** Every SKU: what it is, what it costs in the brand's shop, how it is delivered. */
export default function Skus() {
  const { t } = useTranslation("catalogue");
  const may = useMay();
  const [{ show, sort, ...query }, change] = useUrl(QUERY);
  const asked = api.useQuery(
    "get",
    "/v1/skus",
    { params: { query } },
    { placeholderData: keepPreviousData },
  );
  const adding = show === "import!"; // no SKU is called so
  const { after, ...narrowed } = query;
  const states = useChoices("sku");
  const fulfilments = useChoices("fulfilment");
  return (
    <Page
      title={t("skus.title")}
      about={t("skus.about")}
      acts={
        may("catalog.write") && (
          <Button onClick={() => change({ show: "import!" })}>{t("install.title")}</Button>
        )
      }
    >
      <List
        name="skus"
        label={t("skus.label")}
        columns={useColumns()}
        rows={asked.data?.skus}
        keyOf={(sku) => sku.code}
        asked={asked}
        sort={sort}
        change={change}
        cursor={{ name: "after", at: after, next: asked.data?.next_after }}
        linkOf={(sku) => link(sku.code)}
        opened={show}
        filtered={Object.keys(narrowed).length > 0}
        onClear={() => change({ brand: null, product: null, fulfilment: null, state: null })}
        filters={
          <>
            <Choice
              label={t("skus.state")}
              value={query.state}
              choices={states}
              onChange={(state) => change({ state })}
            />
            <Choice
              label={t("skus.fulfilment")}
              value={query.fulfilment}
              choices={fulfilments}
              onChange={(fulfilment) => change({ fulfilment })}
            />
            <Typed
              label={t("skus.brand")}
              value={query.brand}
              onChange={(brand) => change({ brand })}
            />
          </>
        }
        empty={<Empty title={t("skus.empty")}>{t("skus.empty_hint")}</Empty>}
      />
      <SkuPanel code={adding ? undefined : show} onClose={() => change({ show: null })} />
      <CatalogueImport open={adding} onClose={() => change({ show: null })} />
    </Page>
  );
}

/** The same list, with this SKU's details open. */
function link(code: string): string {
  const given = new URLSearchParams(window.location.search);
  given.set("show", code);
  return `${paths.skus()}?${given}`;
}

function useColumns(): Column<Sku>[] {
  const { t } = useTranslation("catalogue");
  return [
    {
      name: "name",
      title: t("skus.name"),
      of: nameOf,
      compare: (one, other) => nameOf(one).localeCompare(nameOf(other), language()),
    },
    {
      name: "code",
      title: t("skus.code"),
      of: (sku) => <span className="code">{sku.code}</span>,
      compare: (one, other) => one.code.localeCompare(other.code),
    },
    { name: "brand", title: t("skus.brand"), of: brandOf },
    { name: "product", title: t("skus.product"), of: productOf, optional: true },
    {
      name: "period",
      title: t("skus.period"),
      of: (sku) => <Word of="period" value={sku.period} />,
    },
    { name: "days", title: t("skus.days"), of: (sku) => sku.days, figures: true, optional: true },
    {
      name: "fulfilment",
      title: t("skus.fulfilment"),
      of: (sku) => <Word of="fulfilment" value={sku.fulfilment} />,
    },
    {
      name: "terminal",
      title: t("skus.terminal"),
      of: (sku) => <Word of="terminal" value={sku.terminal} />,
      optional: true,
    },
    {
      name: "face_value",
      title: t("skus.face_value"),
      of: (sku) => <Money value={sku.face_value} currency={sku.currency} />,
      figures: true,
    },
    {
      name: "shortage",
      title: t("skus.shortage"),
      of: (sku) => <Word of="shortage" value={sku.shortage_policy} />,
      optional: true,
    },
    { name: "state", title: t("skus.state"), of: (sku) => <Badge of="sku" value={sku.state} /> },
  ];
}

export function nameOf(sku: Sku): string {
  return language() === "zh" ? sku.name_zh : sku.name_en;
}

export function brandOf({ brand }: Sku): string {
  return language() === "zh" ? brand.name_zh : brand.name_en;
}

export function productOf({ product }: Sku): string {
  return language() === "zh" ? product.name_zh : product.name_en;
}
