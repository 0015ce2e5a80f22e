import { Button, Select, Skeleton, Space } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { useMapping } from "@/forms/offer-map";
import { Empty } from "@/ui/empty";
import { Money } from "@/ui/money";
import { Panel } from "@/ui/panel";
import { ProblemNote, useSay } from "@/ui/problem";
import { language } from "@/words";

type Suggestion = components["schemas"]["OfferSuggestion"];

const BATCH = 50; // on one screen; the next come when these are mapped

/** Offers that stand for nothing, each with the SKUs its title may mean; a person chooses. */
export function Suggestions({
  open,
  supplier,
  onClose,
}: {
  open: boolean;
  supplier: string | undefined;
  onClose: () => void;
}) {
  const { t } = useTranslation("offers");
  const query = { limit: BATCH, ...(supplier ? { supplier } : {}) };
  const asked = api.useQuery(
    "get",
    "/v1/offers/suggestions",
    { params: { query } },
    { enabled: open },
  );
  const found = asked.data?.filter(({ offer }) => offer.state !== "gone");
  return (
    <Panel title={t("suggest_panel.title")} open={open} onClose={onClose} wide>
      <p className="soft">{t("suggest_panel.about")}</p>
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {asked.isPending && <Skeleton active />}
      {found?.length === 0 && <Empty title={t("suggest_panel.empty")} />}
      {found && found.length > 0 && (
        <Choices key={found.map(({ offer }) => offer.id).join()} found={found} />
      )}
    </Panel>
  );
}

function Choices({ found }: { found: readonly Suggestion[] }) {
  const { t } = useTranslation("offers");
  const say = useSay();
  const map = useMapping();
  const [busy, setBusy] = useState(false);
  const [picked, pick] = useState<Readonly<Record<string, string | undefined>>>({});
  const wanted = found.flatMap(({ offer }) => {
    const sku = picked[offer.id];
    return sku ? [{ offer_id: offer.id, sku, units: 1 }] : [];
  });
  const send = async () => {
    setBusy(true);
    try {
      const left = await map(wanted);
      if (left.length < wanted.length) {
        say.done(t("map.done_many", { count: wanted.length - left.length }));
      }
    } catch (refused) {
      say.failed(refused);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="stack">
      <div className="scroll-x">
        <table className="price-offers">
          <thead>
            <tr>
              <th>{t("suggest_panel.offer")}</th>
              <th className="end">{t("columns.price")}</th>
              <th>{t("suggest_panel.sku")}</th>
            </tr>
          </thead>
          <tbody>
            {found.map(({ offer, skus }) => (
              <tr key={offer.id}>
                <td>
                  {offer.title}
                  <span className="price-note">{offer.supplier_name}</span>
                </td>
                <td className="end">
                  <Money value={offer.price} currency={offer.currency} />
                </td>
                <td>
                  {skus.length === 0 ? (
                    <span className="soft">{t("suggest_panel.none")}</span>
                  ) : (
                    <Select
                      aria-label={`${t("suggest_panel.sku")} ${offer.title}`}
                      value={picked[offer.id] ?? ""}
                      onChange={(sku: string) =>
                        pick((before) => ({ ...before, [offer.id]: sku || undefined }))
                      }
                      popupMatchSelectWidth={false}
                      style={{ minWidth: 200 }}
                      options={[
                        { value: "", label: t("suggest_panel.leave") },
                        ...skus.map(({ sku, name_zh, name_en }) => ({
                          value: sku,
                          label: language() === "zh" ? name_zh : name_en,
                        })),
                      ]}
                    />
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Space>
        <Button type="primary" loading={busy} disabled={wanted.length === 0} onClick={send}>
          {t("suggest_panel.verb", { count: wanted.length })}
        </Button>
        {found.length === BATCH && <span className="soft">{t("suggest_panel.more")}</span>}
      </Space>
    </div>
  );
}
