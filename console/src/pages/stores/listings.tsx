import { keepPreviousData } from "@tanstack/react-query";
import { Button, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import { api } from "@/api/client";
import { Choice, Typed } from "@/table/filters";
import { List } from "@/table/list";
import { flag, oneOf, text, useUrl } from "@/table/url";
import { Act } from "@/ui/act";
import { Empty } from "@/ui/empty";
import { useFetchListings } from "./fetch";
import { type Store, StorePage } from "./frame";
import { BulkConfirm } from "./listings-bulk";
import { useListingColumns } from "./listings-columns";
import { useDrafts } from "./listings-drafts";
import { MapByFile } from "./listings-file";
import { ListingPanel } from "./listings-panel";
import type { Listing } from "./listings-types";

const QUERY = {
  mapped: oneOf("true", "false"),
  on_sale: flag,
  q: text,
  after: text,
  show: text,
};
const FILE = "file"; // what `show` says while a file is being mapped

/** What a store has for sale, what each stands for, and what it may stand for. */
export default function Listings() {
  const { t } = useTranslation("listings");
  const { code = "" } = useParams();
  const [{ show }, change] = useUrl(QUERY);
  return (
    <StorePage
      code={code}
      title={t("title")}
      acts={<Button onClick={() => change({ show: FILE })}>{t("by_file")}</Button>}
    >
      {(store) => (
        <>
          <Table store={store} />
          <MapByFile store={store} open={show === FILE} onClose={() => change({ show: null })} />
        </>
      )}
    </StorePage>
  );
}

function Table({ store }: { store: Store }) {
  const { t } = useTranslation("listings");
  const [{ show, mapped, ...query }, change] = useUrl(QUERY);
  const [chosen, setChosen] = useState<readonly Listing[]>([]);
  const drafts = useDrafts();
  const fetch = useFetchListings(store.code);
  const only = mapped === undefined ? {} : { mapped: mapped === "true" };
  const asked = api.useQuery(
    "get",
    "/v1/stores/{code}/listings",
    {
      params: {
        path: { code: store.code },
        query: { ...query, ...only, suggest: true, limit: 50 },
      },
    },
    { placeholderData: keepPreviousData },
  );
  const maps = store.can.includes("map_listings");
  const read = (
    <Act
      can={store.can}
      does="fetch_listings"
      why={t("fetch_why")}
      loading={fetch.sending}
      onClick={() => void fetch.send()}
    >
      {t("fetch")}
    </Act>
  );
  const filtered = query.q !== undefined || query.on_sale !== undefined;
  const nothing =
    mapped === "false" && (store.health?.listings ?? 0) > 0 ? (
      <Empty title={t("all_mapped")}>{t("all_mapped_hint")}</Empty>
    ) : (
      <Empty title={t("empty")} act={read}>
        {t("empty_hint")}
      </Empty>
    );
  return (
    <>
      <List<Listing>
        name="listings"
        label={t("title")}
        columns={useListingColumns(store, drafts)}
        rows={asked.data?.listings}
        keyOf={(listing) => listing.id}
        asked={asked}
        change={change}
        total={asked.data?.total}
        cursor={{ name: "after", at: query.after, next: asked.data?.next_after }}
        linkOf={(listing) => withShown(listing.id)}
        opened={show}
        filtered={filtered}
        onClear={() => change({ q: null, on_sale: null })}
        {...(maps
          ? {
              chosen: {
                keys: chosen.map(({ id }) => id),
                choose: (_: string[], rows: Listing[]) => setChosen(rows),
              },
              bulk: (
                <BulkConfirm
                  store={store}
                  chosen={chosen}
                  drafts={drafts}
                  onDone={() => setChosen([])}
                />
              ),
            }
          : {})}
        filters={
          <>
            <Segmented
              aria-label={t("tabs.label")}
              value={mapped ?? ""}
              options={[
                { value: "false", label: t("tabs.unmapped") },
                { value: "true", label: t("tabs.mapped") },
                { value: "", label: t("tabs.all") },
              ]}
              onChange={(value) => change({ mapped: value })}
            />
            <Typed label={t("q")} value={query.q} onChange={(q) => change({ q })} width={220} />
            <Choice
              label={t("on_sale")}
              value={query.on_sale === undefined ? undefined : String(query.on_sale)}
              choices={[
                { value: "true", label: t("on_sale_yes") },
                { value: "false", label: t("on_sale_no") },
              ]}
              onChange={(on_sale) => change({ on_sale })}
            />
            {read}
          </>
        }
        empty={nothing}
      />
      <ListingPanel
        store={store}
        listing={asked.data?.listings.find(({ id }) => id === show)}
        open={show !== undefined && show !== FILE}
        onClose={() => change({ show: null })}
      />
    </>
  );
}

function withShown(id: string): string {
  const given = new URLSearchParams(window.location.search);
  given.set("show", id);
  return `?${given}`;
}
