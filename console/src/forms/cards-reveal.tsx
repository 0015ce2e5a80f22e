import { useState } from "react";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { CardsShown } from "./cards-shown";
import { FormPanel } from "./form";
import { Reason, refreshStock } from "./stock-freeze";

type Clear = components["schemas"]["CardInClear"];

/** Which cards to see. `burn`: they are in stock, and are never sold once seen. */
export interface Revealing {
  readonly cardIds: readonly string[];
  readonly burn: boolean;
}

/** See cards after saying why. They live in this dialog alone, for half a minute. */
export function CardsReveal({
  revealing,
  onClose,
  onDone,
}: {
  revealing: Revealing | null;
  onClose: () => void;
  onDone?: () => void;
}) {
  const { t } = useTranslation("cards");
  const [cards, setCards] = useState<Clear[] | null>(null);
  const refresh = useRefresh();
  const burn = revealing?.burn ?? false;
  const send = async ({ reason }: { reason: string }) => {
    const card_ids = [...(revealing?.cardIds ?? [])];
    const { data } = await http.POST("/v1/stock/cards/reveal", {
      body: { card_ids, reason, burn },
    });
    onClose();
    setCards(data?.cards ?? []);
    onDone?.();
    await refreshStock(refresh);
  };
  return (
    <>
      <FormPanel
        title={
          burn ? t("show.check_title") : t("show.title", { count: revealing?.cardIds.length ?? 0 })
        }
        about={burn ? t("show.check_about") : t("show.about")}
        verb={burn ? t("show.check_verb") : t("show.verb")}
        danger={burn}
        open={revealing !== null}
        onClose={onClose}
        send={send}
      >
        <Reason
          label={t("show.reason")}
          hint={t("show.reason_hint")}
          rule={t("show.reason_rule")}
        />
      </FormPanel>
      {cards && <CardsShown cards={cards} onClose={() => setCards(null)} />}
    </>
  );
}
