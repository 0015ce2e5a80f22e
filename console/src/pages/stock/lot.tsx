import { DownOutlined } from "@ant-design/icons";
import { Button, Dropdown, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { type Freezing, StockFreeze } from "@/forms/stock-freeze";
import { type Leaving, StockLeave, type Way } from "@/forms/stock-leave";
import { StockTransfer } from "@/forms/stock-transfer";
import { paths } from "@/paths";
import { Act } from "@/ui/act";
import { Badge } from "@/ui/badge";
import { Fact, Facts } from "@/ui/facts";
import { Count, Money } from "@/ui/money";
import { Panel } from "@/ui/panel";
import { ProblemNote } from "@/ui/problem";
import { Time } from "@/ui/time";
import { formatCount } from "@/util/money";
import { Expires, type Lot } from "./lots";
import { shortId } from "./things";

type Story = components["schemas"]["LotStory"];

const LEAVES: readonly Way[] = ["quarantine", "void", "return"];

/** One lot: where its cards are, counted one by one; and what can be done with it. */
export function LotPanel({ lotId, onClose }: { lotId: string | undefined; onClose: () => void }) {
  const { t } = useTranslation("stock");
  const asked = api.useQuery(
    "get",
    "/v1/stock/lots/{lot_id}",
    { params: { path: { lot_id: lotId ?? "" } } },
    { enabled: lotId !== undefined },
  );
  const story = lotId === undefined ? undefined : asked.data;
  return (
    <Panel
      title={story ? story.lot.sku.name : t("lots.lot")}
      open={lotId !== undefined}
      onClose={onClose}
      acts={story && <Acts lot={story.lot} />}
    >
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {asked.isPending && <Skeleton active />}
      {story && <Told story={story} />}
    </Panel>
  );
}

function Told({ story }: { story: Story }) {
  const { t } = useTranslation("stock");
  const { lot } = story;
  return (
    <div className="stack">
      <Facts>
        <Fact name={t("lot.id")}>
          <span className="code">{lot.id}</span>
        </Fact>
        <Fact name={t("lots.state")}>
          <Badge of="lot" value={lot.state} />
        </Fact>
        <Fact name={t("lot.frozen_why")}>{lot.frozen_reason}</Fact>
        <Fact name={t("lots.expires")}>
          <Expires lot={lot} />
        </Fact>
        <Fact name={t("lots.place")}>{lot.warehouse.name}</Fact>
        <Fact name={t("lots.supplier")}>{lot.supplier.name}</Fact>
        <Fact name={t("lots.cost")}>
          {lot.unit_cost !== null && <Money value={lot.unit_cost} currency={lot.currency} />}
        </Fact>
        <Fact name={t("lot.received")}>
          <Time at={lot.received_at} exact />{" "}
          <span className="soft">{t("lot.age", { count: lot.age_days })}</span>
        </Fact>
        <Fact name={t("lot.file")}>
          {story.file_name && lot.import_id && (
            <Link to={paths.imports({ show: lot.import_id })}>{story.file_name}</Link>
          )}
        </Fact>
        <Fact name={t("lot.by")}>{story.imported_by}</Fact>
        <Fact name={t("lot.origin")}>
          {lot.origin_lot_id && (
            <Link className="code" to={paths.lots({ show: lot.origin_lot_id })}>
              {shortId(lot.origin_lot_id)}
            </Link>
          )}
        </Fact>
      </Facts>
      <h3>{t("lot.counts")}</h3>
      <Counts story={story} />
      <p className={story.agrees ? "soft" : "alarm"}>
        {story.counted === null
          ? t("lot.counted_shared", { count: story.cards })
          : story.agrees
            ? t("lot.counted_ok", { count: formatCount(story.cards) as never })
            : t("lot.counted_wrong")}
      </p>
      <div className="line">
        <Link to={paths.cards({ lot: lot.id })}>{t("lots.cards")}</Link>
        <Link to={paths.cards({ lot: lot.id, state: "revealed" })}>{t("lots.holders")}</Link>
      </div>
    </div>
  );
}

/** Its cards by state, each a way to them. */
function Counts({ story }: { story: Story }) {
  const { t } = useTranslation("stock");
  const { lot } = story;
  const shown = Object.entries(lot.counts).filter(([, count]) => count > 0);
  return (
    <table className="sums" aria-label={t("lot.counts")}>
      <tbody>
        {shown.map(([state, count]) => (
          <tr key={state}>
            <th scope="row">
              <Link to={paths.cards({ lot: lot.id, state })}>
                <Badge of="card" value={state} />
              </Link>
            </th>
            <td>
              <Count value={count} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Acts({ lot }: { lot: Lot }) {
  const { t } = useTranslation("stock");
  const [freezing, setFreezing] = useState<Freezing | null>(null);
  const [moving, setMoving] = useState<Lot | null>(null);
  const [leaving, setLeaving] = useState<Leaving | null>(null);
  const way = lot.state === "frozen" ? "unfreeze" : "freeze";
  const act = { can: lot.can, ...(lot.can.length === 0 ? { why: t("lots.why_role") } : {}) };
  const left = (lot.counts.available ?? 0) + (lot.counts.quarantined ?? 0);
  const leaves = LEAVES.map((each) => ({
    key: each,
    label: t(`lots.${each}`),
    danger: true,
    disabled: !lot.can.includes(each),
  }));
  const leave = (each: string) => {
    const chosen = LEAVES.find((one) => one === each);
    if (chosen === undefined) return;
    const count = chosen === "quarantine" ? (lot.counts.available ?? 0) : left;
    setLeaving({ way: chosen, lot, supplier: lot.supplier.code, count });
  };
  return (
    <span style={{ display: "inline-flex", gap: 8, flexWrap: "wrap" }}>
      <Act {...act} does={way} onClick={() => setFreezing({ way, lots: [lot] })}>
        {t(`lots.${way}`)}
      </Act>
      <Act {...act} does="transfer" onClick={() => setMoving(lot)}>
        {t("lots.transfer")}
      </Act>
      {lot.can.length > 0 && (
        <Dropdown trigger={["click"]} menu={{ items: leaves, onClick: ({ key }) => leave(key) }}>
          <Button icon={<DownOutlined />} iconPlacement="end">
            {t("lots.more")}
          </Button>
        </Dropdown>
      )}
      <StockFreeze freezing={freezing} onClose={() => setFreezing(null)} />
      <StockTransfer lot={moving} onClose={() => setMoving(null)} />
      <StockLeave leaving={leaving} onClose={() => setLeaving(null)} />
    </span>
  );
}
