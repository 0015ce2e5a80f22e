import { Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, http } from "@/api/client";
import { useMay } from "@/api/me";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { useConfirm } from "@/forms/form";
import { StocktakePost } from "@/forms/stocktake-post";
import { paths } from "@/paths";
import { Act } from "@/ui/act";
import { Badge, Word } from "@/ui/badge";
import { Fact, Facts } from "@/ui/facts";
import { Panel } from "@/ui/panel";
import { ProblemNote, useSay } from "@/ui/problem";
import { Time } from "@/ui/time";
import { formatCount } from "@/util/money";

export type Stocktake = components["schemas"]["StocktakeOut"];

const CLASSES = [
  "missing",
  "unknown",
  "elsewhere",
  "not_available",
  "duplicate",
  "unreadable",
] as const;
type Class = (typeof CLASSES)[number];

interface Differing {
  readonly row?: number;
  readonly first_row?: number;
  readonly tail?: string;
  readonly state?: string;
  readonly card_id?: string;
  readonly lot_id?: string;
  readonly reason?: string;
}

interface Difference {
  readonly count: number;
  readonly cards: readonly Differing[];
}

const SHOWN = 100;

/** One count: what differs, by class, masked; posted or dropped from here. */
export function StocktakePanel({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  const { t } = useTranslation("stocktakes");
  const asked = api.useQuery(
    "get",
    "/v1/stocktakes/{stocktake_id}",
    { params: { path: { stocktake_id: id ?? "" } } },
    { enabled: id !== undefined },
  );
  const taken = id === undefined ? undefined : asked.data;
  return (
    <Panel
      title={taken ? t("panel.title", { sku: taken.sku.name }) : t("title")}
      open={id !== undefined}
      onClose={onClose}
      wide
      acts={taken && <Acts taken={taken} />}
    >
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {asked.isPending && <Skeleton active />}
      {taken && <Told taken={taken} />}
    </Panel>
  );
}

function differenceOf(taken: Stocktake, kind: Class): Difference {
  return (taken.differences[kind] as Difference | undefined) ?? { count: 0, cards: [] };
}

function Told({ taken }: { taken: Stocktake }) {
  const { t } = useTranslation("stocktakes");
  const some = CLASSES.filter((kind) => differenceOf(taken, kind).count > 0);
  return (
    <div className="stack">
      <Facts>
        <Fact name={t("state")}>
          <Badge of="stocktake" value={taken.state} />
        </Fact>
        <Fact name={t("place")}>{taken.warehouse.name}</Fact>
        <Fact name={t("counted")}>
          <Time at={taken.counted_at} exact /> {taken.by}
        </Fact>
        <Fact name={t("matched")}>{t("panel.result", { count: taken.matched })}</Fact>
      </Facts>
      {some.length === 0 && <p>{t("panel.all_agree")}</p>}
      {some.map((kind) => (
        <Differences key={kind} kind={kind} difference={differenceOf(taken, kind)} />
      ))}
    </div>
  );
}

function Differences({ kind, difference }: { kind: Class; difference: Difference }) {
  const { t } = useTranslation("stocktakes");
  const { cards, count } = difference;
  return (
    <section data-class={kind}>
      <h3>
        <Word of="stocktake_class" value={kind} /> {formatCount(count)}
      </h3>
      <p className="soft">{t(`meaning.${kind}`)}</p>
      {cards.slice(0, SHOWN).map((card) => (
        <div key={`${card.row ?? ""} ${card.card_id ?? ""} ${card.tail ?? ""}`} className="line">
          {card.tail !== undefined && (
            <span className="line-name code">{t("panel.tail", { tail: card.tail })}</span>
          )}
          <span className="line-main soft">
            {card.row !== undefined && t("panel.row", { row: card.row })}{" "}
            {card.first_row !== undefined && t("panel.first_row", { row: card.first_row })}
            {card.reason && <Unreadable reason={card.reason} />}
            {card.state && kind === "not_available" && <InState state={card.state} />}
          </span>
          {card.card_id && <Link to={paths.cards({ show: card.card_id })}>{t("panel.see")}</Link>}
        </div>
      ))}
      {count > SHOWN && <p className="soft">{t("panel.more", { count: SHOWN })}</p>}
    </section>
  );
}

/** Why a row reads as no card, as an import says it. */
function Unreadable({ reason }: { reason: string }) {
  const { t } = useTranslation("imports");
  return (
    <>
      {t(`classes.${reason}.name` as never)} {t(`classes.${reason}.todo` as never)}
    </>
  );
}

function InState({ state }: { state: string }) {
  const { t } = useTranslation("stocktakes");
  const { t: states } = useTranslation("states");
  return <>{t("panel.in_state", { state: states(`card.${state}` as never) })}</>;
}

function Acts({ taken }: { taken: Stocktake }) {
  const { t } = useTranslation("stocktakes");
  const may = useMay();
  const refresh = useRefresh();
  const confirm = useConfirm();
  const say = useSay();
  const [posting, setPosting] = useState<Stocktake | null>(null);
  const missing = differenceOf(taken, "missing").count;
  const why = may("stock.count") ? t("panel.why_ended") : t("panel.why_role");
  const drop = async () => {
    const params = { path: { stocktake_id: taken.id } };
    await http.POST("/v1/stocktakes/{stocktake_id}/drop", { params });
    await refresh("/v1/stocktakes", "/v1/stocktakes/{stocktake_id}");
    say.done(t("panel.dropped"));
  };
  return (
    <span style={{ display: "inline-flex", gap: 8 }}>
      <Act type="primary" can={taken.can} does="post" why={why} onClick={() => setPosting(taken)}>
        {missing > 0 ? t("panel.post") : t("post.verb_none")}
      </Act>
      <Act
        can={taken.can}
        does="drop"
        why={why}
        onClick={() =>
          confirm({
            title: t("panel.drop_ask"),
            about: t("panel.drop_about"),
            verb: t("panel.drop"),
            send: drop,
          })
        }
      >
        {t("panel.drop")}
      </Act>
      <StocktakePost taken={posting} missing={missing} onClose={() => setPosting(null)} />
    </span>
  );
}
