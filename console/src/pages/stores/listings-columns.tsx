import { Button, InputNumber, Space } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { paths } from "@/paths";
import type { Column } from "@/table/columns";
import { Badge, Word } from "@/ui/badge";
import { Count, Money } from "@/ui/money";
import { useSay } from "@/ui/problem";
import type { Store } from "./frame";
import type { Drafts } from "./listings-drafts";
import { useMapListings } from "./listings-map";
import { type Listing, standsFor } from "./listings-types";
import { SkuChoice } from "./sku-choice";

const SWITCHES = ["sends_card", "confirms", "publishes"] as const;

export function useListingColumns(store: Store, drafts: Drafts): Column<Listing>[] {
  const { t } = useTranslation("listings");
  return [
    {
      name: "item",
      title: t("item"),
      of: (listing) => (
        <span className="listing-name">
          {listing.title || listing.item_id}{" "}
          {listing.properties && <span className="soft">{listing.properties}</span>}
          {!listing.on_sale && <span className="soft"> · {t("off_sale")}</span>}
        </span>
      ),
    },
    {
      name: "merchant_code",
      title: t("merchant_code"),
      of: (listing) => <span className="code">{listing.merchant_code}</span>,
    },
    {
      name: "stands_for",
      title: t("stands_for"),
      of: (listing) =>
        listing.sku ? (
          <Link to={paths.skus({ show: listing.sku })}>{standsFor(listing)}</Link>
        ) : listing.can.includes("map") ? (
          <Suggested store={store} listing={listing} drafts={drafts} />
        ) : (
          <span className="alarm">{t("tabs.unmapped")}</span>
        ),
    },
    {
      name: "waiting",
      title: t("waiting"),
      figures: true,
      of: (listing) =>
        listing.waiting > 0 ? (
          <Link className="alarm" to={paths.shopOrders({ store: store.code, step: "unmapped" })}>
            {listing.waiting}
          </Link>
        ) : (
          <span className="soft">—</span>
        ),
    },
    {
      name: "switches",
      title: t("switches"),
      of: (listing) => {
        const on = SWITCHES.filter((name) => listing[name]);
        return on.length > 0 ? (
          on.map((name) => t(`does.${name}`)).join(" · ")
        ) : (
          <span className="soft">{t("nothing")}</span>
        );
      },
    },
    {
      name: "published",
      title: t("published"),
      figures: true,
      of: (listing) =>
        listing.publish_said ? (
          <span className="alarm">
            <Word of="said" value={listing.publish_said} />
          </span>
        ) : (
          <Count value={listing.published} />
        ),
    },
    {
      name: "mode",
      title: t("mode"),
      of: (listing) =>
        listing.mode ? (
          <Badge of="mode" value={listing.mode} />
        ) : (
          <span className="soft">{t("as_store")}</span>
        ),
    },
    {
      name: "price",
      title: t("price"),
      figures: true,
      of: (listing) => <Money value={listing.price} />,
      optional: true,
    },
    {
      name: "ids",
      title: t("ids"),
      of: (listing) => (
        <span className="code">
          {listing.item_id} {listing.variant_id}
        </span>
      ),
      optional: true,
    },
  ];
}

/** What it may stand for, to be confirmed where it stands. */
function Suggested({ store, listing, drafts }: { store: Store; listing: Listing; drafts: Drafts }) {
  const { t } = useTranslation("listings");
  const [sending, setSending] = useState(false);
  const map = useMapListings(store.code);
  const say = useSay();
  const { sku, units } = drafts.of(listing);
  const name = listing.title || listing.item_id;
  const confirm = async () => {
    if (sku === undefined) return;
    setSending(true);
    try {
      await map([{ listing_id: listing.id, sku, units }]);
    } catch (error) {
      say.failed(error);
    } finally {
      setSending(false);
    }
  };
  return (
    <Space size={4}>
      <SkuChoice
        label={`${t("choose")}: ${name}`}
        value={sku}
        candidates={listing.candidates}
        onChange={(chosen) => drafts.set(listing, { sku: chosen, units })}
        width={220}
      />
      <InputNumber
        aria-label={`${t("units")}: ${name}`}
        min={1}
        max={1000}
        precision={0}
        value={units}
        onChange={(value) => drafts.set(listing, { sku, units: value ?? 1 })}
        style={{ width: 64 }}
      />
      <Button disabled={sku === undefined} loading={sending} onClick={confirm}>
        {t("confirm")}
      </Button>
    </Space>
  );
}
