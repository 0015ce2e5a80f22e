import { Alert, Button, Form, InputNumber, Select, Switch } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { useConfirm, useSending } from "@/forms/form";
import { Word } from "@/ui/badge";
import { Fact, Facts } from "@/ui/facts";
import { Count, Money } from "@/ui/money";
import { Panel } from "@/ui/panel";
import { ProblemNote, useSay } from "@/ui/problem";
import { Time } from "@/ui/time";
import { AccountRule } from "./account-rule";
import type { Store } from "./frame";
import { useMapListings } from "./listings-map";
import type { Listing } from "./listings-types";
import { SkuChoice } from "./sku-choice";

type Changes = components["schemas"]["ListingChanges"];
type Mode = components["schemas"]["Mode"];
const AS_STORE = "as_store";
const MODES: readonly Mode[] = ["stopped", "shadow", "assisted", "automatic"];
const SWITCHES = ["sends_card", "confirms", "publishes"] as const;

/** One listing, beside the list: what it stands for, and what Kashu does for it. */
export function ListingPanel({
  store,
  listing,
  open,
  onClose,
}: {
  store: Store;
  listing: Listing | undefined;
  open: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation("listings");
  return (
    <Panel title={listing?.title || t("item")} open={open} onClose={onClose}>
      {listing && (
        <div className="panel-parts" key={listing.id}>
          <ListingFacts listing={listing} />
          <MappingForm store={store} listing={listing} />
          <Switches listing={listing} />
          <ListingMode listing={listing} />
          <AccountRule listing={listing} />
        </div>
      )}
    </Panel>
  );
}

function ListingFacts({ listing }: { listing: Listing }) {
  const { t } = useTranslation("listings");
  return (
    <>
      {listing.publish_said && (
        <Alert
          type="warning"
          showIcon
          title={
            <>
              {t("panel.said")}: <Word of="said" value={listing.publish_said} />
            </>
          }
        />
      )}
      <Facts>
        <Fact name={t("variant")}>{listing.properties}</Fact>
        <Fact name={t("ids")}>
          <span className="code">
            {listing.item_id} {listing.variant_id}
          </span>
        </Fact>
        <Fact name={t("merchant_code")}>
          {listing.merchant_code && <span className="code">{listing.merchant_code}</span>}
        </Fact>
        <Fact name={t("price")}>{listing.price && <Money value={listing.price} />}</Fact>
        <Fact name={t("on_sale")}>{t(listing.on_sale ? "on_sale_yes" : "on_sale_no")}</Fact>
        <Fact name={t("published")}>
          {!listing.publishes ? (
            <span className="soft">{t("not_published")}</span>
          ) : listing.published === null ? (
            <span className="soft">{t("unknown")}</span>
          ) : (
            <>
              <Count value={listing.published} />{" "}
              {listing.published_at && <Time at={listing.published_at} />}
            </>
          )}
        </Fact>
        <Fact name={t("waiting")}>{listing.waiting > 0 && <Count value={listing.waiting} />}</Fact>
      </Facts>
    </>
  );
}

interface MappingValues {
  sku: string;
  units: number;
}

function MappingForm({ store, listing }: { store: Store; listing: Listing }) {
  const { t } = useTranslation("listings");
  const { t: shell } = useTranslation("shell");
  const [form] = Form.useForm<MappingValues>();
  const map = useMapListings(store.code);
  const change = useChange(listing);
  const confirm = useConfirm();
  const { sending, error, submit } = useSending<MappingValues>(form, ({ sku, units }) =>
    map([{ listing_id: listing.id, sku, units }]),
  );
  const may = listing.can.includes("map");
  const sku = listing.sku ?? listing.candidates[0]?.sku;
  return (
    <section>
      <h3>{t("panel.mapping")}</h3>
      <ProblemNote error={error} />
      <Form<MappingValues>
        form={form}
        layout="vertical"
        disabled={!may}
        initialValues={{ units: listing.units, ...(sku ? { sku } : {}) }}
        onFinish={submit}
      >
        <Form.Item
          name="sku"
          label={t("panel.sku")}
          rules={[{ required: true, message: shell("form.required") }]}
        >
          <SkuChoice label={t("choose")} candidates={listing.candidates} width="100%" />
        </Form.Item>
        <Form.Item
          name="units"
          label={t("units")}
          extra={t("panel.hint")}
          rules={[{ required: true }]}
        >
          <InputNumber min={1} max={1000} precision={0} />
        </Form.Item>
        {may && (
          <>
            <Button type="primary" htmlType="submit" loading={sending}>
              {t("panel.save")}
            </Button>{" "}
            {listing.sku && (
              <Button
                type="text"
                onClick={() =>
                  confirm({
                    title: t("panel.unmap_ask"),
                    about: t("panel.unmap_about"),
                    verb: t("panel.unmap"),
                    danger: true,
                    send: () => change({ sku_id: null }, t("panel.unmapped")),
                  })
                }
              >
                {t("panel.unmap")}
              </Button>
            )}
          </>
        )}
      </Form>
    </section>
  );
}

function useChange(listing: Listing): (body: Changes, said?: string) => Promise<void> {
  const { t } = useTranslation("listings");
  const refresh = useRefresh();
  const say = useSay();
  return async (body, said = t("panel.saved")) => {
    const params = { path: { listing_id: listing.id } };
    await http.PATCH("/v1/listings/{listing_id}", { params, body });
    await refresh("/v1/stores", "/v1/stores/{code}", "/v1/stores/{code}/listings");
    say.done(said);
  };
}

/** What leaves by the platform, each on or off at once. */
function Switches({ listing }: { listing: Listing }) {
  const { t } = useTranslation("listings");
  const change = useChange(listing);
  const say = useSay();
  const [sending, setSending] = useState<string | null>(null);
  const set = (name: (typeof SWITCHES)[number], on: boolean) => {
    setSending(name);
    change({ [name]: on })
      .catch(say.failed)
      .finally(() => setSending(null));
  };
  return (
    <section>
      <h3>{t("panel.switches")}</h3>
      {SWITCHES.map((name) => (
        <div className="line" key={name}>
          <Switch
            size="small"
            aria-label={t(`panel.${name}`)}
            checked={listing[name]}
            loading={sending === name}
            disabled={!listing.can.includes("change")}
            onChange={(on) => set(name, on)}
          />
          <span>{t(`panel.${name}`)}</span>
        </div>
      ))}
    </section>
  );
}

function ListingMode({ listing }: { listing: Listing }) {
  const { t } = useTranslation("listings");
  const { t: states } = useTranslation("states");
  const change = useChange(listing);
  const say = useSay();
  return (
    <section>
      <h3>{t("panel.mode")}</h3>
      <Select
        aria-label={t("panel.mode")}
        value={listing.mode ?? AS_STORE}
        disabled={!listing.can.includes("change")}
        style={{ width: 200 }}
        options={[
          { value: AS_STORE, label: t("as_store") },
          ...MODES.map((mode) => ({ value: mode, label: states(`mode.${mode}`) })),
        ]}
        onChange={(mode: Mode | typeof AS_STORE) => {
          change({ mode: mode === AS_STORE ? null : mode }).catch(say.failed);
        }}
      />
      <p className="soft">{t("panel.mode_hint")}</p>
    </section>
  );
}
