import { keepPreviousData } from "@tanstack/react-query";
import { Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/client";
import { TypeWords } from "@/forms/webhook-types";
import { paths } from "@/paths";
import { Choice } from "@/table/filters";
import { Pages } from "@/table/pages";
import type { Change } from "@/table/url";
import { Act } from "@/ui/act";
import { Badge, useChoices } from "@/ui/badge";
import { Empty } from "@/ui/empty";
import { ProblemNote } from "@/ui/problem";
import { Time, useNow } from "@/ui/time";
import type { Query } from "./panel";
import { Answer, type Delivery, type Webhook } from "./things";

const SHOWN = 20;
const LOOK_MS = 3_000; // while something is on its way
const REST_MS = 20_000;

/** What it was or is to be told, what happened last first. */
export function Deliveries({
  webhook,
  query: { state, before },
  change,
}: {
  webhook: Webhook;
  query: Query;
  change: Change;
}) {
  const { t } = useTranslation("webhooks");
  const path = { webhook_id: webhook.id };
  const query = { limit: SHOWN, ...(state ? { state } : {}), ...(before ? { before } : {}) };
  const asked = api.useQuery(
    "get",
    "/v1/webhooks/{webhook_id}/deliveries",
    { params: { path, query } },
    {
      placeholderData: keepPreviousData,
      // Nothing hints at a message that was sent: there would be as many hints as messages.
      refetchInterval: ({ state: { data } }) =>
        data?.deliveries.some((each) => isSoon(each)) ? LOOK_MS : REST_MS,
    },
  );
  const rows = asked.data?.deliveries;
  return (
    <section aria-label={t("sent.label")} aria-busy={asked.isFetching}>
      <div className="deliveries-bar">
        <h3>{t("sent.title")}</h3>
        <span className="soft">{t("sent.kept")}</span>
        <span className="spring" />
        <Choice
          label={t("sent.state")}
          value={state}
          choices={useChoices("delivery")}
          onChange={(chosen) => change({ state: chosen })}
        />
        <Act
          can={webhook.state === "open" ? ["replay"] : []}
          does="replay"
          why={t("panel.why_disabled")}
          onClick={() => change({ form: "replay" })}
        >
          {t("sent.again_failed")}
        </Act>
      </div>
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {asked.isPending && <Skeleton active title={false} paragraph={{ rows: 6 }} />}
      {rows?.length === 0 && <Nothing narrowed={Boolean(state ?? before)} />}
      {rows && rows.length > 0 && (
        <ul className="deliveries">
          {rows.map((each) => (
            <Row key={each.id} delivery={each} to={linkTo(webhook.id, each.id)} />
          ))}
        </ul>
      )}
      <Pages cursor={{ name: "before", at: before, next: asked.data?.next_before }} />
    </section>
  );
}

function Nothing({ narrowed }: { narrowed: boolean }) {
  const { t } = useTranslation("webhooks");
  if (narrowed) return <p className="soft">{t("sent.none")}</p>;
  return <Empty title={t("sent.empty")}>{t("sent.empty_hint")}</Empty>;
}

function Row({ delivery, to }: { delivery: Delivery; to: string }) {
  const { t } = useTranslation("webhooks");
  const { type, state, happened_at, last, attempts, next_at } = delivery;
  return (
    <li>
      <Link to={to}>
        <TypeWords type={type} />
      </Link>
      <Badge of="delivery" value={state} />
      <span className="delivery-more soft">
        <Time at={happened_at} />
        {last && (
          <span>
            <Answer of={last} />
          </span>
        )}
        {attempts > 1 && <span className="figures">{t("sent.tries", { count: attempts })}</span>}
        {next_at && <Next at={next_at} />}
      </span>
    </li>
  );
}

/** When it is sent next; one whose time has come waits for its turn. */
export function Next({ at }: { at: string }) {
  const { t } = useTranslation("webhooks");
  const now = useNow();
  if (Date.parse(at) - now < LOOK_MS) return <span>{t("sent.at_once")}</span>;
  return (
    <span>
      {t("sent.next")} <Time at={at} />
    </span>
  );
}

function isSoon({ state, next_at }: Delivery): boolean {
  return state === "due" && (!next_at || Date.parse(next_at) < Date.now() + REST_MS);
}

/** One delivery, with the list as it is narrowed behind it. */
function linkTo(webhook: string, show: string): string {
  const given = new URLSearchParams(window.location.search);
  return paths.webhooks({ ...Object.fromEntries(given), webhook, show });
}
