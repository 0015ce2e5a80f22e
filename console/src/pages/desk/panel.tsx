import { Alert, Button, Space } from "antd";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useMay } from "@/api/me";
import { leadTo } from "@/leads";
import type { Asked } from "@/table/list";
import { Word } from "@/ui/badge";
import { Fact, Facts } from "@/ui/facts";
import { Count, Money } from "@/ui/money";
import { Panel } from "@/ui/panel";
import { ProblemNote } from "@/ui/problem";
import { Time } from "@/ui/time";
import { claim } from "./acts";
import { type Deeds, pressed } from "./deeds";
import { ELSEWHERE } from "./fields";
import { ACTS, type CanDo, type Matter } from "./kinds";
import { Left, Who } from "./left";
import { Notes } from "./notes";

/** Where the next step is to look at a page, whatever can be done from here. */
const TO_LOOK = ["prices", "purchase"] as const;
const BEAT_MS = 5 * 60_000; // a claim lasts a quarter of an hour

/** The whole matter, beside the queue: what happened, what can be done, what was written. */
export function MatterPanel({
  row,
  asked,
  gone,
  open,
  onClose,
  deeds,
  noting,
}: {
  row: Matter | undefined;
  /** The question for it, where it isn't among the rows shown. */
  asked: Asked;
  /** It has left the desk: what was known of it last is still shown. */
  gone: boolean;
  open: boolean;
  onClose: () => void;
  deeds: Deeds;
  /** Begin with writing a note. */
  noting: boolean;
}) {
  const { t } = useTranslation("desk");
  useHeartbeat(open && row?.who?.mine && !gone ? row : undefined);
  return (
    <Panel
      title={row ? <Word of="matter" value={row.kind} /> : t("panel.title")}
      open={open}
      onClose={onClose}
    >
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {gone && (
        <Alert
          type="success"
          showIcon
          title={t("panel.gone")}
          description={t("panel.gone_hint")}
          style={{ marginBottom: 12 }}
        />
      )}
      {row && (
        <div className="desk-panel">
          <p className="desk-headline">{row.what}</p>
          <p>→ {row.next}</p>
          {!gone && <Acts row={row} deeds={deeds} />}
          <MatterFacts row={row} />
          <Notes row={row} gone={gone} focus={noting} />
        </div>
      )}
    </Panel>
  );
}

function Acts({ row, deeds }: { row: Matter; deeds: Deeds }) {
  const { t } = useTranslation("desk");
  const may = useMay();
  const where = TO_LOOK.find((kind) => kind === row.link.kind);
  const page =
    where && row.link.id !== null && leadTo(where, { id: row.link.id, code: row.link.code });
  return (
    <>
      {row.blocked && <Alert type="info" showIcon title={row.blocked} />}
      <Space wrap>
        {row.can.map((can, place) => (
          <Deed key={can.act} can={can} row={row} deeds={deeds} first={place === 0} />
        ))}
        {page && (
          <Link to={page}>
            <Button>{t(`panel.to_${where}`)}</Button>
          </Link>
        )}
        {may(ACTS) &&
          (row.who?.mine ? (
            <Button
              type="text"
              {...pressed(deeds.doing, "leave")}
              onClick={() => deeds.leave([row])}
            >
              {t("who.leave")}
            </Button>
          ) : (
            <Button type="text" {...pressed(deeds.doing, "take")} onClick={() => deeds.take([row])}>
              {row.who ? t("who.take_over") : t("who.take")} <kbd>C</kbd>
            </Button>
          ))}
      </Space>
    </>
  );
}

function Deed({
  can,
  row,
  deeds,
  first,
}: {
  can: CanDo;
  row: Matter;
  deeds: Deeds;
  first: boolean;
}) {
  const { t } = useTranslation("desk");
  const to = row.link.id && leadTo(row.link.kind, { id: row.link.id, code: row.link.code });
  if (ELSEWHERE.has(can.operation) && !to) {
    return <span className="soft">{t("panel.elsewhere", { act: t(`acts.${can.act}`) })}</span>;
  }
  return (
    <Button
      {...(first ? { type: "primary" as const } : {})}
      {...pressed(deeds.doing, can.act)}
      onClick={() => deeds.begin(can, [row])}
    >
      {t(`go.${can.operation}` as never, { defaultValue: t(`acts.${can.act}`) })}
    </Button>
  );
}

function MatterFacts({ row }: { row: Matter }) {
  const { t } = useTranslation("desk");
  const order = row.order_id && leadTo("order", { id: row.order_id });
  const page = row.link.id && leadTo(row.link.kind, { id: row.link.id, code: row.link.code });
  // The order of ours that waits for what was ordered at a supplier, which has a number of its own.
  const awaits = typeof row.facts.order === "string" ? row.facts.order : "";
  const sku = row.sku && leadTo("sku", row.sku);
  const supplier = row.supplier && leadTo("supplier", row.supplier);
  const store = row.store && leadTo("store", row.store);
  return (
    <Facts>
      <Fact name={t("columns.left")}>
        <Left row={row} />
      </Fact>
      {row.who && (
        <Fact name={t("columns.who")}>
          <Who row={row} />
        </Fact>
      )}
      <Fact name={t("columns.called")}>
        {row.called && <Linked to={(awaits === "" && order) || page || null}>{row.called}</Linked>}
      </Fact>
      <Fact name={t("columns.order")}>
        {awaits && <Linked to={order || null}>{awaits}</Linked>}
      </Fact>
      <Fact name={t("columns.store")}>
        {row.store && <Linked to={store}>{row.store.name}</Linked>}
      </Fact>
      <Fact name={t("columns.sku")}>{row.sku && <Linked to={sku}>{row.sku.name}</Linked>}</Fact>
      <Fact name={t("columns.supplier")}>
        {row.supplier && <Linked to={supplier}>{row.supplier.name}</Linked>}
      </Fact>
      <Fact name={t("columns.customer")}>{row.customer?.name}</Fact>
      <Fact name={t("columns.amount")}>{row.amount && <Money value={row.amount} />}</Fact>
      <Fact name={t("columns.quantity")}>
        {row.quantity !== null && <Count value={row.quantity} />}
      </Fact>
      <Fact name={t("columns.account")}>
        {typeof row.facts.account === "string" && row.facts.account !== "" && (
          <span className="code">{row.facts.account}</span>
        )}
      </Fact>
      <Fact name={t("columns.since")}>
        <Time at={row.since} />
      </Fact>
    </Facts>
  );
}

function Linked({ to, children }: { to: string | null; children: string }) {
  return to ? <Link to={to}>{children}</Link> : <span>{children}</span>;
}

/** Stay on a row while it is looked at. */
function useHeartbeat(row: Matter | undefined): void {
  const [kind, id] = [row?.kind, row?.id];
  // biome-ignore lint/correctness/useExhaustiveDependencies: a row is its kind and id
  useEffect(() => {
    if (row === undefined) return undefined;
    const beat = setInterval(() => claim([row]).catch(() => undefined), BEAT_MS);
    return () => clearInterval(beat);
  }, [kind, id]);
}
