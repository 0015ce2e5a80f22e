import { App, Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { useConfirm } from "@/forms/form";
import { paths } from "@/paths";
import { Word } from "@/ui/badge";
import type { Step, Store } from "./frame";

type Stopped = components["schemas"]["StoppedStore"];

/** Those of a stopped store that people see to, in the order of what is to be done. */
const LEFT: readonly Step[] = ["due", "taken", "sent", "unmapped", "held", "trouble"];

/** Stop all that is done by itself, and say what is left to people. No stores named: all. */
export function useStop(): (stores: readonly Store[] | null) => void {
  const { t } = useTranslation("stores");
  const confirm = useConfirm();
  const refresh = useRefresh();
  const { modal } = App.useApp();
  const send = async (stores: readonly Store[] | null) => {
    const named = stores === null ? null : stores.map((store) => store.code);
    const { data } = await http.POST("/v1/automation/stop", { body: { stores: named } });
    await refresh("/v1/stores", "/v1/stores/{code}", "/v1/stores/{code}/pilot");
    if (data === undefined) return;
    const shown = modal.success({
      title: t("stop.done", { count: data.stores.length }),
      content: <LeftToPeople stores={data.stores} onGo={() => shown.destroy()} />,
      okText: t("stop.seen"),
      width: 520,
    });
  };
  return (stores) =>
    confirm({
      title: stores === null ? t("stop.ask_all") : t("stop.ask", { name: stores[0]?.name ?? "" }),
      about: t("stop.about"),
      verb: stores === null ? t("stop.verb_all") : t("stop.verb"),
      danger: true,
      send: () => send(stores),
    });
}

/** What waits at each step of each store: the list that people work through now. */
function LeftToPeople({ stores, onGo }: { stores: readonly Stopped[]; onGo: () => void }) {
  const { t } = useTranslation("stores");
  const waiting = stores.filter((store) => LEFT.some((step) => store.waiting[step]));
  if (waiting.length === 0) return <p>{t("stop.nothing_left")}</p>;
  return (
    <>
      <p>{t("stop.left")}</p>
      <ul className="plain-steps">
        {waiting.map((store) => (
          <li key={store.store}>
            <Link to={paths.shopOrders({ store: store.store })} onClick={onGo}>
              {store.name}
            </Link>
            {": "}
            {LEFT.filter((step) => store.waiting[step]).map((step, place) => (
              <span key={step}>
                {place > 0 && t("list.comma")}
                <Word of="step" value={step} /> {store.waiting[step]}
              </span>
            ))}
          </li>
        ))}
      </ul>
      <p className="soft">{t("stop.left_hint")}</p>
    </>
  );
}

/** The brake of the whole shop, where anything is running. */
export function StopAll({ stores }: { stores: readonly Store[] | undefined }) {
  const { t } = useTranslation("stores");
  const stop = useStop();
  if (!stores?.some((store) => store.can.includes("stop"))) return null;
  return (
    <Button danger onClick={() => stop(null)}>
      {t("stop.verb_all")}
    </Button>
  );
}
