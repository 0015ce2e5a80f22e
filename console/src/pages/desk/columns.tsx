import { useTranslation } from "react-i18next";
import type { Column } from "@/table/columns";
import { Word } from "@/ui/badge";
import { Money } from "@/ui/money";
import { Time } from "@/ui/time";
import type { Matter } from "./kinds";
import { Left, Who } from "./left";

/**
 * What happened and what to do stand first; then how long is left, and who is on it. `narrow`: all
 * of it is below each other, as a phone has no room beside.
 */
export function useColumns(narrow: boolean): Column<Matter>[] {
  const { t } = useTranslation("desk");
  if (narrow) {
    return [{ name: "matter", title: t("columns.matter"), of: (row) => <Whole row={row} /> }];
  }
  return [
    { name: "matter", title: t("columns.matter"), of: (row) => <What row={row} /> },
    { name: "left", title: t("columns.left"), of: (row) => <Left row={row} /> },
    { name: "who", title: t("columns.who"), of: (row) => <Who row={row} /> },
    { name: "about", title: t("columns.about"), of: (row) => <About row={row} /> },
    {
      name: "amount",
      title: t("columns.amount"),
      figures: true,
      of: (row) => <Money value={row.amount} />,
    },
    {
      name: "notes",
      title: t("columns.notes"),
      of: (row) => row.last_note && <LastNote row={row} />,
    },
    {
      name: "since",
      title: t("columns.since"),
      optional: true,
      of: (row) => <Time at={row.since} />,
    },
  ];
}

function What({ row }: { row: Matter }) {
  return (
    <span className="desk-what">
      <span className="desk-kind" data-late={row.overdue}>
        <Word of="matter" value={row.kind} />
      </span>{" "}
      {row.what}
      <span className="desk-next soft">→ {row.next}</span>
    </span>
  );
}

function Whole({ row }: { row: Matter }) {
  return (
    <>
      <What row={row} />
      <span className="desk-below">
        <Left row={row} />
        <Who row={row} />
        {row.amount && <Money value={row.amount} />}
        <About row={row} />
        {row.last_note && <LastNote row={row} />}
      </span>
    </>
  );
}

/** What it is about, as people call it: the order's number, store, SKU, supplier, customer. */
function About({ row }: { row: Matter }) {
  const named = [row.store, row.sku, row.supplier, row.customer].flatMap((each) =>
    each ? [each.name] : [],
  );
  return (
    <span className="desk-about">
      {row.called && <span className="code">{row.called}</span>}
      {row.called && named.length > 0 && <br />}
      {named.length > 0 && <span className="soft">{named.join(" · ")}</span>}
    </span>
  );
}

function LastNote({ row }: { row: Matter }) {
  return (
    <span className="desk-note">
      {row.notes_count > 1 && <span className="figures">({row.notes_count}) </span>}
      {row.last_note?.text}
    </span>
  );
}
