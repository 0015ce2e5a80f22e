import { useState } from "react";
import { useTranslation } from "react-i18next";
import { CardsReveal, type Revealing } from "@/forms/cards-reveal";
import { type Leaving, StockLeave } from "@/forms/stock-leave";
import { Act } from "@/ui/act";
import type { Found } from "./cards";

const WAYS = ["reveal", "quarantine", "void", "return"] as const;

/** What can be done with the chosen cards: each of them must allow it, or the button says so. */
export function Bulk({ cards, onDone }: { cards: readonly Found["card"][]; onDone: () => void }) {
  const { t } = useTranslation("cards");
  const [leaving, setLeaving] = useState<Leaving | null>(null);
  const [revealing, setRevealing] = useState<Revealing | null>(null);
  const cardIds = cards.map(({ id }) => id);
  const suppliers = [...new Set(cards.map(({ supplier }) => supplier.code))];
  const some = WAYS.filter((way) => cards.some(({ can }) => can.includes(way)));
  const act = (way: (typeof WAYS)[number]) => {
    if (way === "reveal") setRevealing({ cardIds, burn: false });
    else
      setLeaving({
        way,
        cardIds,
        supplier: suppliers.length === 1 ? suppliers[0] : undefined,
        count: cards.length,
      });
  };
  return (
    <>
      {some.map((way) => (
        <Act
          key={way}
          can={cards.every(({ can }) => can.includes(way)) ? [way] : []}
          does={way}
          why={t("why_not")}
          danger={way !== "reveal"}
          onClick={() => act(way)}
        >
          {t("bulk", { what: t(way), count: cards.length })}
        </Act>
      ))}
      <StockLeave leaving={leaving} onClose={() => setLeaving(null)} onDone={onDone} />
      <CardsReveal revealing={revealing} onClose={() => setRevealing(null)} onDone={onDone} />
    </>
  );
}
