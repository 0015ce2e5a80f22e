import { Alert, Button, Skeleton, Space } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import { useConfirm } from "@/forms/form";
import { OfferDecide } from "@/forms/offer-decide";
import { READ_ANEW } from "@/forms/offer-map";
import { History } from "@/pages/prices/history";
import { paths } from "@/paths";
import { Act } from "@/ui/act";
import { Badge, Word } from "@/ui/badge";
import { Fact, Facts } from "@/ui/facts";
import { Money } from "@/ui/money";
import { Panel } from "@/ui/panel";
import { ProblemNote, useSay } from "@/ui/problem";
import { Time } from "@/ui/time";
import { formatMoney } from "@/util/money";
import { language } from "@/words";
import { type Offer, StandsFor, Stock } from "./columns";

/** One offer: what it is, why it is held, how it moved; mapped, read anew, released. */
export function OfferPanel({
  id,
  onClose,
  onMap,
}: {
  id: string | undefined;
  onClose: () => void;
  onMap: (offer: Offer) => void;
}) {
  const asked = api.useQuery(
    "get",
    "/v1/offers/{offer_id}",
    { params: { path: { offer_id: id ?? "" } } },
    { enabled: id !== undefined },
  );
  const offer = id === undefined ? undefined : asked.data;
  return (
    <Panel title={offer?.title ?? ""} open={id !== undefined} onClose={onClose} wide>
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {asked.isPending && <Skeleton active />}
      {offer && (
        <div className="price-panel">
          {offer.held && <Held offer={offer} />}
          <Acts offer={offer} onMap={() => onMap(offer)} />
          <OfferFacts offer={offer} />
          <History offer={offer.id} currency={offer.currency} />
        </div>
      )}
    </Panel>
  );
}

/** Why its price isn't taken, what it was before, and what to do. */
function Held({ offer }: { offer: Offer }) {
  const { t } = useTranslation("offers");
  const [deciding, decide] = useState<"release" | "refuse" | null>(null);
  const { held } = offer;
  if (!held) return null;
  const told = held.price === null ? null : formatMoney(held.price, offer.currency);
  const before = offer.price === null ? null : formatMoney(offer.price, offer.currency);
  const words =
    told === null
      ? t("held.no_price")
      : before === null
        ? t("held.told_first", { held: told })
        : t("held.told", { held: told, before });
  return (
    <>
      <Alert
        type="warning"
        showIcon
        title={t("held.title", { why: language() === "zh" ? held.zh : held.en })}
        description={
          <div className="stack">
            <div>
              {words}
              <div>{t("held.ask")}</div>
            </div>
            <Space>
              <Act can={offer.can} does="release" type="primary" onClick={() => decide("release")}>
                {t("held.release")}
              </Act>
              <Act can={offer.can} does="refuse" onClick={() => decide("refuse")}>
                {t("held.refuse")}
              </Act>
            </Space>
          </div>
        }
      />
      <OfferDecide offer={offer} deciding={deciding} onClose={() => decide(null)} />
    </>
  );
}

function Acts({ offer, onMap }: { offer: Offer; onMap: () => void }) {
  const { t } = useTranslation("offers");
  const refresh = useRefresh();
  const confirm = useConfirm();
  const say = useSay();
  const [busy, setBusy] = useState(false);
  const params = { path: { offer_id: offer.id } };
  const readNow = async () => {
    setBusy(true);
    try {
      await http.POST("/v1/offers/{offer_id}/refresh", { params });
      await refresh(...READ_ANEW, "/v1/offers/{offer_id}/prices");
      say.done(t("panel.refreshed"));
    } catch (refused) {
      say.failed(refused);
    } finally {
      setBusy(false);
    }
  };
  const hold = () =>
    confirm({
      title: t("panel.hold_ask"),
      about: t("panel.hold_about"),
      verb: t("panel.hold"),
      danger: true,
      send: async () => {
        await http.POST("/v1/offers/{offer_id}/hold", { params });
        await refresh(...READ_ANEW, "/v1/offers/{offer_id}/prices");
        say.done(t("panel.held_done"));
      },
    });
  return (
    <Space wrap>
      <Act
        can={offer.can}
        does="map"
        type={offer.sku === null ? "primary" : "default"}
        onClick={onMap}
      >
        {t(offer.sku === null ? "panel.map" : "panel.remap")}
      </Act>
      <Button loading={busy} onClick={readNow}>
        {t(busy ? "panel.refreshing" : "panel.refresh")}
      </Button>
      {offer.state === "live" && (
        <Act can={offer.can} does="hold" onClick={hold}>
          {t("panel.hold")}
        </Act>
      )}
      {offer.sku !== null && (
        <Link to={paths.prices({ show: offer.sku, offer: offer.id })}>
          <Button>{t("panel.compare")}</Button>
        </Link>
      )}
    </Space>
  );
}

function OfferFacts({ offer }: { offer: Offer }) {
  const { t } = useTranslation("offers");
  return (
    <Facts>
      <Fact name={t("panel.supplier")}>
        <Link to={paths.supplier(offer.supplier)}>{offer.supplier_name}</Link>
      </Fact>
      <Fact name={t("panel.sku")}>
        <StandsFor offer={offer} />
      </Fact>
      <Fact name={t("panel.price")}>
        <Money value={offer.price} currency={offer.currency} />
      </Fact>
      <Fact name={t("panel.stock")}>
        <Stock offer={offer} />
      </Fact>
      <Fact name={t("panel.state")}>
        <Badge of="offer" value={offer.state} />
      </Fact>
      <Fact name={t("panel.told")}>
        <Time at={offer.told_at} />
        {offer.stale && <span className="price-why"> {t("stale")}</span>}
      </Fact>
      <Fact name={t("panel.how")}>
        <Word of="told" value={offer.told} />
      </Fact>
      <Fact name={t("panel.goods")}>
        <Word of="goods" value={offer.goods} />
      </Fact>
      <Fact name={t("panel.face")}>
        {offer.face_value && <Money value={offer.face_value} currency={offer.currency} />}
      </Fact>
      <Fact name={t("panel.least")}>{offer.least > 1 && offer.least}</Fact>
      <Fact name={t("panel.most")}>{offer.most}</Fact>
      <Fact name={t("panel.ref")}>
        <span className="code">{offer.ref}</span>
      </Fact>
    </Facts>
  );
}
