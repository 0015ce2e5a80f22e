import { Button, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/client";
import { useMe } from "@/api/me";
import type { components } from "@/api/schema";
import { CardsReveal, type Revealing } from "@/forms/cards-reveal";
import { type Leaving, StockLeave, type Way } from "@/forms/stock-leave";
import { shortId } from "@/pages/stock/things";
import { paths } from "@/paths";
import { Act } from "@/ui/act";
import { Fact, Facts } from "@/ui/facts";
import { Money } from "@/ui/money";
import { Panel } from "@/ui/panel";
import { ProblemNote } from "@/ui/problem";
import { Time, useNow, useZone } from "@/ui/time";
import { formatExact } from "@/util/time";
import { StateOf } from "./columns";
import { Story, useWho } from "./story";

type CardStory = components["schemas"]["CardStory"];

const LEAVES: readonly Way[] = ["quarantine", "void", "return"];

/** One card, masked: what it is, whose it is, what happened to it, what can be done. */
export function CardPanel({
  cardId,
  onClose,
  onChanged,
}: {
  cardId: string | undefined;
  onClose: () => void;
  onChanged: () => void;
}) {
  const { t } = useTranslation("cards");
  const asked = api.useQuery(
    "get",
    "/v1/stock/cards/{card_id}",
    { params: { path: { card_id: cardId ?? "" } } },
    { enabled: cardId !== undefined },
  );
  const story = cardId === undefined ? undefined : asked.data;
  return (
    <Panel
      title={story ? t("panel.title", { tail: `•••• ${story.card.tail}` }) : t("card")}
      open={cardId !== undefined}
      onClose={onClose}
    >
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {asked.isPending && <Skeleton active />}
      {story && (
        <div className="stack printed">
          <Printed />
          <Acts card={story.card} onChanged={onChanged} />
          <About story={story} />
          <h3>{t("panel.evidence")}</h3>
          <p className="soft no-print">{t("panel.evidence_about")}</p>
          <Evidence story={story} />
          <h3>{t("panel.story")}</h3>
          {!story.whole && <p className="soft">{t("panel.not_whole")}</p>}
          <Story steps={story.steps} />
          <div className="no-print">
            <Button onClick={() => window.print()}>{t("panel.print")}</Button>
          </div>
        </div>
      )}
    </Panel>
  );
}

/** What a platform wants to know of a page of evidence: whose it is, who printed it, and when. */
function Printed() {
  const { t } = useTranslation("cards");
  const me = useMe();
  const at = formatExact(new Date(useNow()), useZone());
  return (
    <p className="print-only">
      {t("panel.printed", { shop: me.tenant.name, who: me.name ?? me.actor })} {at}
    </p>
  );
}

function Acts({ card, onChanged }: { card: CardStory["card"]; onChanged: () => void }) {
  const { t } = useTranslation("cards");
  const [leaving, setLeaving] = useState<Leaving | null>(null);
  const [revealing, setRevealing] = useState<Revealing | null>(null);
  const cardIds = [card.id];
  // One that many share stays in stock when it is seen; any other is never sold after that.
  const inStock = card.state === "available" && !card.shared;
  return (
    <div className="card-acts no-print">
      {inStock ? (
        <Act can={card.can} does="check" onClick={() => setRevealing({ cardIds, burn: true })}>
          {t("check")}
        </Act>
      ) : (
        <Act
          type="primary"
          can={card.can}
          does={card.state === "available" ? "check" : "reveal"}
          onClick={() => setRevealing({ cardIds, burn: false })}
        >
          {t("reveal")}
        </Act>
      )}
      {LEAVES.map((way) => (
        <Act
          key={way}
          can={card.can}
          does={way}
          onClick={() => setLeaving({ way, cardIds, supplier: card.supplier.code, count: 1 })}
        >
          {t(way)}
        </Act>
      ))}
      <StockLeave leaving={leaving} onClose={() => setLeaving(null)} onDone={onChanged} />
      <CardsReveal revealing={revealing} onClose={() => setRevealing(null)} onDone={onChanged} />
    </div>
  );
}

function About({ story }: { story: CardStory }) {
  const { t } = useTranslation("cards");
  const { card, order } = story;
  return (
    <Facts>
      <Fact name={t("sku")}>{card.sku.name}</Fact>
      <Fact name={t("state")}>
        <StateOf card={card} />
      </Fact>
      <Fact name={t("order")}>
        {order && (
          <Link className="code" to={paths.order(order.id)}>
            {order.external_id}
          </Link>
        )}
      </Fact>
      <Fact name={t("panel.given")}>
        {card.allocated_at && <Time at={card.allocated_at} exact />}
      </Fact>
      <Fact name={t("panel.lot")}>
        <Link className="code" to={paths.lots({ show: card.lot_id })}>
          {shortId(card.lot_id)}
        </Link>
      </Fact>
      <Fact name={t("place")}>{card.warehouse.name}</Fact>
      <Fact name={t("supplier")}>{card.supplier.name}</Fact>
      <Fact name={t("expires")}>{card.expires_on ?? t("forever")}</Fact>
      <Fact name={t("cost")}>{card.unit_cost !== null && <Money value={card.unit_cost} />}</Fact>
    </Facts>
  );
}

/** What a complaint turns on, each in a sentence that can be shown to a platform. */
function Evidence({ story }: { story: CardStory }) {
  const { t } = useTranslation("cards");
  const who = useWho();
  const by = story.received_by && who(story.received_by);
  const came =
    by && story.file_name
      ? t("panel.came_file", { by, file: story.file_name })
      : by
        ? t("panel.came", { by })
        : t("panel.came_unknown");
  return (
    <ul className="evidence">
      <li>
        <Time at={story.received_at} exact /> {came}
      </li>
      {story.given_at === null ? (
        <li>{t("panel.never_given")}</li>
      ) : (
        <li>
          <Time at={story.given_at} exact /> {t("step.allocated")}{" "}
          {story.order && <span className="code">{story.order.external_id}</span>}
        </li>
      )}
      {story.given_at !== null && (
        <li className={story.seen_before_given > 0 ? "alarm" : ""}>
          {story.seen_before_given === 0
            ? t("panel.clean")
            : t("panel.dirty", { count: story.seen_before_given })}
        </li>
      )}
      <li>
        {story.first_seen_at ? (
          <>
            <Time at={story.first_seen_at} exact /> {t("panel.first_seen")}{" "}
            <span className="soft">{t("panel.seen_times", { count: story.seen })}</span>
          </>
        ) : (
          t("panel.not_seen")
        )}
      </li>
    </ul>
  );
}
