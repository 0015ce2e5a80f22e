import { useTranslation } from "react-i18next";
import { useMay } from "@/api/me";
import type { Column } from "@/table/columns";
import { Act } from "@/ui/act";
import { Badge, Word } from "@/ui/badge";
import { Money } from "@/ui/money";
import { Time } from "@/ui/time";
import type { Finding } from "./things";

/** What the list tells of each finding. */
export function useColumns(resolve: (id: string) => void): Column<Finding>[] {
  const { t } = useTranslation("statements");
  const may = useMay();
  return [
    { name: "kind", title: t("one.kind"), of: (row) => <What row={row} /> },
    {
      name: "number",
      title: t("find.number"),
      of: (row) => (
        <span className="code">
          {row.our_number || row.listed_number || row.their_number || "—"}
        </span>
      ),
    },
    {
      name: "row",
      title: t("find.row"),
      of: (row) => row.row ?? "—",
      figures: true,
    },
    {
      name: "ours",
      title: t("find.ours"),
      of: (row) => <Money value={row.ours} currency={row.currency} />,
      figures: true,
    },
    {
      name: "theirs",
      title: t("find.theirs"),
      of: (row) => <Money value={row.theirs} currency={row.currency} />,
      figures: true,
    },
    {
      name: "difference",
      title: t("find.difference"),
      of: (row) => <Money value={row.difference} currency={row.currency} />,
      figures: true,
    },
    { name: "state", title: t("find.state"), of: (row) => <Settled row={row} /> },
    {
      name: "acts",
      title: t("find.acts"),
      of: (row) =>
        !row.resolution &&
        may("prepaid.write") && (
          <Act
            size="small"
            can={row.can ?? []}
            does="resolve"
            onClick={() => resolve(row.id ?? "")}
          >
            {t("find.resolve")}
          </Act>
        ),
    },
    {
      name: "title",
      title: t("find.title"),
      of: (row) => <span className="purchase-words">{row.title}</span>,
      optional: true,
    },
    {
      name: "at",
      title: t("find.at"),
      of: (row) => <Time at={row.listed_at ?? row.our_at} />,
      optional: true,
    },
    {
      name: "their_number",
      title: t("find.their_number"),
      of: (row) => <span className="code">{row.their_number}</span>,
      optional: true,
    },
  ];
}

/** Of which class it is, and where it isn't all of the line what of it differs. */
export function What({ row }: { row: Finding }) {
  const { t } = useTranslation("states");
  const what = t(`finding_what.${row.what}` as never, { defaultValue: row.what }) as string;
  return (
    <>
      <Word of="finding" value={row.kind} />
      {what && <span className="soft"> · {what}</span>}
    </>
  );
}

/** How it was settled, or that it wasn't. */
export function Settled({ row }: { row: Finding }) {
  const { t } = useTranslation("statements");
  if (!row.resolution || !row.resolution_state)
    return <span className="soft">{t("find.unsettled")}</span>;
  return (
    <span>
      <Badge of="resolution_state" value={row.resolution_state} />
      {" · "}
      <Word of="resolution" value={row.resolution} />
    </span>
  );
}
