import { keepPreviousData } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { paths } from "@/paths";
import { Choice } from "@/table/filters";
import { List } from "@/table/list";
import type { Change } from "@/table/url";
import { ChoiceOf } from "@/things/chooser";
import { Badge, useChoices, Word } from "@/ui/badge";
import { Empty } from "@/ui/empty";
import { Money } from "@/ui/money";
import { Time } from "@/ui/time";
import { MovementPanel } from "./movement-panel";
import type { Movement } from "./things";

type State = components["schemas"]["MovementState"];
type Kind = components["schemas"]["MovementKind"];

export interface MovementQuery {
  readonly supplier?: string;
  readonly state?: State;
  readonly kind?: Kind;
  readonly before?: string;
  readonly move?: string;
  readonly form?: string;
}

/** Money moved by people: who asked, who approved, whether it is in the books. */
export function Movements({ query, change }: { query: MovementQuery; change: Change }) {
  const { t } = useTranslation("prepaid");
  const { supplier, state, kind, before, move, form } = query;
  const narrowed = {
    ...(supplier ? { supplier } : {}),
    ...(state ? { state } : {}),
    ...(kind ? { kind } : {}),
  };
  const asked = api.useQuery(
    "get",
    "/v1/prepaid/movements",
    { params: { query: { ...narrowed, ...(before ? { before } : {}) } } },
    { placeholderData: keepPreviousData },
  );
  const page = asked.data;
  return (
    <>
      <List<Movement>
        name="movements"
        label={t("moves.label")}
        rows={page?.movements}
        keyOf={(row) => row.id}
        asked={asked}
        change={change}
        opened={move}
        total={page?.total}
        cursor={{ name: "before", at: before, next: page?.next_before }}
        linkOf={(row) => paths.prepaid({ view: "movements", ...narrowed, move: row.id })}
        filtered={Object.keys(narrowed).length > 0}
        onClear={() => change({ supplier: null, state: null, kind: null })}
        filters={
          <>
            <Choice
              label={t("moves.state")}
              value={state}
              choices={useChoices("movement")}
              onChange={(chosen) => change({ state: chosen })}
            />
            <ChoiceOf
              of="supplier"
              label={t("supplier")}
              value={supplier}
              onChange={(chosen) => change({ supplier: chosen })}
            />
            <Choice
              label={t("moves.kind")}
              value={kind}
              choices={useChoices("movement_kind")}
              onChange={(chosen) => change({ kind: chosen })}
            />
          </>
        }
        columns={[
          {
            name: "kind",
            title: t("moves.kind"),
            of: (row) => <Word of="movement_kind" value={row.kind} />,
          },
          { name: "supplier", title: t("supplier"), of: (row) => row.supplier_name },
          {
            name: "amount",
            title: t("moves.amount"),
            of: (row) => <Money value={row.amount} currency={row.currency} />,
            figures: true,
          },
          {
            name: "state",
            title: t("moves.state"),
            of: (row) => <Badge of="movement" value={row.state} />,
          },
          {
            name: "asked_by",
            title: t("moves.asked_by"),
            of: (row) => row.names[row.asked_by] ?? row.asked_by,
          },
          { name: "asked_at", title: t("moves.asked_at"), of: (row) => <Time at={row.asked_at} /> },
          {
            name: "approved_by",
            title: t("moves.approved_by"),
            of: (row) => (row.approved_by ? (row.names[row.approved_by] ?? row.approved_by) : "—"),
          },
          {
            name: "reason",
            title: t("moves.reason"),
            of: (row) => <span className="purchase-words">{row.reason}</span>,
          },
          {
            name: "method",
            title: t("moves.method"),
            of: (row) => (row.method ? <Word of="cash_method" value={row.method} /> : "—"),
            optional: true,
          },
          {
            name: "reference",
            title: t("moves.reference"),
            of: (row) => <span className="code">{row.reference}</span>,
            optional: true,
          },
        ]}
        empty={<Empty title={t("moves.empty")}>{t("moves.empty_hint")}</Empty>}
      />
      <MovementPanel
        id={move}
        form={form}
        change={change}
        onClose={() => change({ move: null, form: null })}
      />
    </>
  );
}
