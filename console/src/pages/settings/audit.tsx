import "@/theme/settings.css";
import { keepPreviousData } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/client";
import { useMe } from "@/api/me";
import type { components } from "@/api/schema";
import { leadTo, type Target } from "@/leads";
import { paths } from "@/paths";
import type { Column } from "@/table/columns";
import { Choice, Typed } from "@/table/filters";
import { List } from "@/table/list";
import { type Change, type Reader, text, useUrl } from "@/table/url";
import type { Kind } from "@/ui/badge";
import { Day } from "@/ui/day";
import { Download } from "@/ui/download";
import { Empty } from "@/ui/empty";
import { Fact, Facts } from "@/ui/facts";
import { Page } from "@/ui/page";
import { Panel } from "@/ui/panel";
import { Failed } from "@/ui/problem";
import { Time, useZone } from "@/ui/time";
import { formatExact, instantIn } from "@/util/time";

type Event = components["schemas"]["EventShown"];
type Choices = components["schemas"]["EventChoices"];

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DAY: Reader<string> = (written) => (/^\d{4}-\d\d-\d\d$/.test(written) ? written : undefined);
const THING: Reader<string> = (written) => (ID.test(written) ? written.toLowerCase() : undefined);
const QUERY = {
  kind: text,
  actor: text,
  subject: THING,
  from: DAY,
  to: DAY,
  before: text,
  show: text,
};
const NARROWS = ["kind", "actor", "subject", "from", "to"] as const;
const CODE = /^[a-z][a-z0-9_.]*$/;
const MOMENT = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/;
const SHORT_MAX = 3; // facts in a row of the list
// Details that are codes: reasons have the server's words, states those of their badges.
const REASONS = ["said", "why", "because", "bars"];
const STATES: Readonly<Record<string, readonly Kind[]>> = {
  because: ["broken_because"],
  cause: ["cause"],
  channel: ["channel"],
  goods: ["goods"],
  kind: ["matter", "movement_kind", "paper", "resolution"],
  method: ["cash_method"],
  mode: ["mode"],
  said: ["said"],
  scopes: ["permission"],
  shortage_policy: ["shortage"],
};

/** Who did what to what, and when: found by each of these, the newest first. */
export default function Audit() {
  const { t } = useTranslation("audit");
  const { timezone } = useMe().tenant;
  const [query, change] = useUrl(QUERY);
  const { before, show, from, to, ...named } = query;
  const narrowed = { ...named, ...spanOf(from, to, timezone) };
  const asked = api.useQuery(
    "get",
    "/v1/events",
    { params: { query: { ...narrowed, ...(before ? { before } : {}) } } },
    { placeholderData: keepPreviousData },
  );
  const known = api.useQuery("get", "/v1/events/choices", {}, { staleTime: 60_000 });
  const choices = known.data;
  const events = asked.data?.events;
  const opened = events?.find((event) => event.id === show);
  const filtered = NARROWS.some((name) => query[name] !== undefined);
  const address = (id: string) =>
    paths.audit({ ...named, from, to, before, show: id } as Record<string, string>);
  return (
    <Page
      title={t("title")}
      about={t("about")}
      acts={
        <Download href={`/v1/events/file?${new URLSearchParams(narrowed)}`}>{t("export")}</Download>
      }
    >
      <Failed of={[known]} />
      <List<Event>
        name="audit"
        label={t("label")}
        columns={useColumns(choices)}
        rows={events}
        keyOf={(event) => event.id}
        asked={asked}
        opened={show}
        linkOf={(event) => address(event.id)}
        cursor={{ name: "before", at: before, next: asked.data?.next }}
        filters={<Narrow query={query} change={change} choices={choices} />}
        filtered={filtered}
        onClear={() => change(Object.fromEntries(NARROWS.map((name) => [name, null])))}
        empty={<Empty title={t("empty")}>{t("empty_hint")}</Empty>}
      />
      <Panel
        title={opened ? saidOf(opened.kind, choices) : t("title")}
        open={show !== undefined}
        onClose={() => change({ show: null })}
      >
        {opened ? (
          <Details event={opened} choices={choices} change={change} />
        ) : (
          events && t("gone")
        )}
      </Panel>
    </Page>
  );
}

/** From the first day's beginning to the last one's end, by the shop's clocks. */
function spanOf(
  from: string | undefined,
  to: string | undefined,
  zone: string,
): Record<string, string> {
  const begin = (day: string) => instantIn(zone, `${day} 00:00:00`);
  const span: Record<string, string> = {};
  if (from) span.from = begin(from).toISOString();
  if (to) {
    const next = new Date(`${to}T00:00:00Z`);
    next.setUTCDate(next.getUTCDate() + 1);
    span.to = begin(next.toISOString().slice(0, 10)).toISOString();
  }
  return span;
}

function Narrow({
  query,
  change,
  choices,
}: {
  query: Readonly<Partial<Record<keyof typeof QUERY, string>>>;
  change: Change;
  choices: Choices | undefined;
}) {
  const { t } = useTranslation("audit");
  return (
    <>
      <Choice
        label={t("who")}
        value={query.actor}
        choices={(choices?.actors ?? []).map(({ actor, name }) => ({ value: actor, label: name }))}
        onChange={(actor) => change({ actor })}
        width={150}
      />
      <Choice
        label={t("what")}
        value={query.kind}
        choices={(choices?.kinds ?? []).map(({ kind, says }) => ({ value: kind, label: says }))}
        onChange={(kind) => change({ kind })}
        width={200}
      />
      <Day label={t("from")} value={query.from} onChange={(from) => change({ from })} />
      <Day label={t("to")} value={query.to} onChange={(to) => change({ to })} />
      <Typed
        label={t("thing_id")}
        value={query.subject}
        onChange={(subject) => change({ subject })}
        width={200}
      />
    </>
  );
}

function saidOf(kind: string, choices: Choices | undefined): string {
  return choices?.kinds.find((each) => each.kind === kind)?.says ?? kind;
}

function useColumns(choices: Choices | undefined): Column<Event>[] {
  const { t } = useTranslation("audit");
  const named = useFactNames();
  const factsOf = useFacts(choices);
  return [
    { name: "at", title: t("at"), of: (event) => <Time at={event.at} exact />, width: 170 },
    { name: "actor", title: t("who"), of: (event) => <Who event={event} choices={choices} /> },
    { name: "kind", title: t("what"), of: (event) => saidOf(event.kind, choices) },
    { name: "subject", title: t("thing"), of: (event) => <Thing event={event} /> },
    {
      name: "facts",
      title: t("details"),
      of: (event) => (
        <span className="soft audit-facts">
          {factsOf(event)
            .slice(0, SHORT_MAX)
            .map(([name, value]) => `${named(name)}: ${value}`)
            .join(" · ")}
        </span>
      ),
    },
    {
      name: "code",
      title: t("code"),
      of: (event) => <span className="code">{event.kind}</span>,
      optional: true,
    },
  ];
}

function Who({ event, choices }: { event: Event; choices: Choices | undefined }) {
  const known = choices?.actors.find((each) => each.actor === event.actor)?.name;
  return <>{event.actor_name ?? known ?? event.actor}</>;
}

/** The thing it happened to: a link where it has a page, by its id or its code. */
function Thing({ event }: { event: Event }) {
  const facts = event.facts as Readonly<Record<string, unknown>> | null;
  const code = typeof facts?.code === "string" ? facts.code : null;
  const to = leadTo(event.subject as Target, { id: event.subject_id, code });
  const short = code ?? event.subject_id.slice(-8);
  return to ? (
    <Link to={to} className="code">
      {short}
    </Link>
  ) : (
    <span className="code">{short}</span>
  );
}

/** What a detail is called; those that few will ask for by their code. */
function useFactNames(): (name: string) => string {
  const { t } = useTranslation("audit");
  return (name) => t(`fact.${name}` as never, { defaultValue: name });
}

/** What a code means: a reason, or a state; undefined where it is none. */
function useCodes(
  choices: Choices | undefined,
): (code: string, name: string) => string | undefined {
  const { t } = useTranslation("states");
  const reasons = new Map(choices?.reasons.map(({ code, says }) => [code, says]));
  return (said, name) => {
    const [code = "", ...about] = said.split(": "); // some say what they are about
    if (!CODE.test(code)) return undefined;
    const reason = REASONS.includes(name) ? reasons.get(code) : undefined;
    const states = (STATES[name] ?? []).map((of) =>
      t(`${of}.${code.replace(".", "_")}` as never, ""),
    );
    const words = reason ?? states.find(Boolean);
    return words && [words, ...about].join(": ");
  };
}

/** The details of an event that say something: people by their names, moments in the reader's zone. */
function useFacts(choices: Choices | undefined): (event: Event) => [string, string][] {
  const { t } = useTranslation("audit");
  const zone = useZone();
  const named = useFactNames();
  const coded = useCodes(choices);
  const written = (value: unknown, name: string): string => {
    if (value === null || value === undefined) return "—";
    if (typeof value === "boolean") return t(value ? "yes" : "no");
    if (Array.isArray(value)) return value.map((each) => written(each, name)).join("; ");
    if (typeof value === "object") {
      return Object.entries(value)
        .filter(([, part]) => part !== "" && part !== 0 && part !== null)
        .map(([of, part]) => `${named(of)} ${written(part, of)}`)
        .join(", ");
    }
    const said = String(value);
    if (MOMENT.test(said)) return formatExact(new Date(said), zone);
    const known = choices?.actors.find(({ actor }) => actor === said)?.name;
    return known ?? coded(said, name) ?? said;
  };
  return ({ facts }) =>
    Object.entries((facts ?? {}) as Readonly<Record<string, unknown>>)
      .filter(([, value]) => value !== "")
      .map(([name, value]) => [name, written(value, name)]);
}

function Details({
  event,
  choices,
  change,
}: {
  event: Event;
  choices: Choices | undefined;
  change: Change;
}) {
  const { t } = useTranslation("audit");
  const named = useFactNames();
  const facts = useFacts(choices)(event);
  return (
    <>
      <Facts>
        <Fact name={t("at")}>
          <Time at={event.at} exact />
        </Fact>
        <Fact name={t("who")}>
          <Who event={event} choices={choices} />{" "}
          <Button
            size="small"
            type="link"
            onClick={() => change({ actor: event.actor, show: null })}
          >
            {t("all_of_actor")}
          </Button>
        </Fact>
        <Fact name={t("thing")}>
          <Thing event={event} />{" "}
          <Button
            size="small"
            type="link"
            onClick={() => change({ subject: event.subject_id, show: null })}
          >
            {t("all_of_thing")}
          </Button>
        </Fact>
        <Fact name={t("code")}>
          <span className="code">{event.kind}</span>
        </Fact>
        <Fact name={t("thing_id")}>
          <span className="code">{event.subject_id}</span>
        </Fact>
      </Facts>
      <h3>{t("details")}</h3>
      {facts.length === 0 && <p className="soft">{t("no_details")}</p>}
      <Facts>
        {facts.map(([name, value]) => (
          <Fact key={name} name={named(name)}>
            <span className="code">{value}</span>
          </Fact>
        ))}
      </Facts>
      <p className="soft">{t("masked")}</p>
    </>
  );
}
