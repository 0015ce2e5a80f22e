import { Alert, Button, Modal } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Copy } from "@/ui/once";

const SHOWN_S = 30;

/** A card in clear, wherever it was told. */
export interface Clear {
  readonly card_id: string;
  readonly number?: string | null | undefined;
  readonly password?: string | null | undefined;
  readonly url?: string | null | undefined;
}

/** What was revealed, in this dialog alone, gone by itself when its time is over. */
export function CardsShown({ cards, onClose }: { cards: readonly Clear[]; onClose: () => void }) {
  const { t } = useTranslation("cards");
  const { t: shell } = useTranslation("shell");
  const left = useCountdown(onClose);
  return (
    <Modal
      title={t("show.shown")}
      open
      onCancel={onClose}
      footer={
        <Button type="primary" onClick={onClose}>
          {shell("do.close")}
        </Button>
      }
      mask={{ closable: false }}
      destroyOnHidden
    >
      <Alert type="warning" showIcon title={t("show.shown_about", { count: left })} />
      {cards.map((card) => (
        <div key={card.card_id} className="once" style={{ marginTop: 8 }}>
          <code>{written(card, "\n")}</code>
          <Copy text={written(card, "\n")} />
        </div>
      ))}
      {cards.length > 1 && (
        <p style={{ marginTop: 12 }}>
          <Copy
            text={cards.map((card) => written(card, "\t")).join("\n")}
            label={t("show.copy_all")}
          />
        </p>
      )}
    </Modal>
  );
}

/** How many seconds are left, by the clock: a tab that slept shows nothing too long. */
function useCountdown(onOver: () => void): number {
  const [until] = useState(() => Date.now() + SHOWN_S * 1000);
  const [left, setLeft] = useState(SHOWN_S);
  useEffect(() => {
    const tick = () => {
      const seconds = Math.ceil((until - Date.now()) / 1000);
      if (seconds <= 0) onOver();
      else setLeft(seconds);
    };
    const clock = setInterval(tick, 500);
    return () => clearInterval(clock);
  }, [until, onOver]);
  return left;
}

function written({ number, password, url }: Clear, between: string): string {
  return [number, password, url].filter(Boolean).join(between);
}
