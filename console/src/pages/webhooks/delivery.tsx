import { Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { api, http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { TypeWords } from "@/forms/webhook-types";
import { Act } from "@/ui/act";
import { Badge } from "@/ui/badge";
import { Fact, Facts } from "@/ui/facts";
import { Panel } from "@/ui/panel";
import { ProblemNote, useSay } from "@/ui/problem";
import { Time } from "@/ui/time";
import { Next } from "./deliveries";
import { Answer, type Webhook } from "./things";

type Whole = components["schemas"]["DeliveryWhole"];

const LOOK_MS = 3_000;

/** One message: its body as it is sent, and how each try ended. */
export function DeliveryPanel({
  id,
  webhook,
  onClose,
}: {
  id: string | undefined;
  webhook: Webhook;
  onClose: () => void;
}) {
  const { t } = useTranslation("webhooks");
  const asked = api.useQuery(
    "get",
    "/v1/webhook-deliveries/{delivery_id}",
    { params: { path: { delivery_id: id ?? "" } } },
    {
      enabled: id !== undefined,
      refetchInterval: ({ state }) => (state.data?.delivery.state === "due" ? LOOK_MS : false),
    },
  );
  const read = id === undefined ? undefined : asked.data;
  return (
    <Panel
      title={read ? <TypeWords type={read.delivery.type} /> : t("sent.title")}
      open={id !== undefined}
      onClose={onClose}
      acts={read && <Again read={read} webhook={webhook} />}
    >
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {id !== undefined && asked.isPending && <Skeleton active />}
      {read && <Told read={read} />}
    </Panel>
  );
}

function Told({ read: { delivery, body, tries } }: { read: Whole }) {
  const { t } = useTranslation("webhooks");
  return (
    <div className="panel-parts delivery-told">
      <Facts>
        <Fact name={t("sent.state")}>
          <Badge of="delivery" value={delivery.state} />{" "}
          {delivery.next_at && (
            <span className="soft">
              <Next at={delivery.next_at} />
            </span>
          )}
        </Fact>
        <Fact name={t("one.type")}>
          <span className="code">{delivery.type}</span>
        </Fact>
        <Fact name={t("sent.happened")}>
          <Time at={delivery.happened_at} exact />
        </Fact>
        <Fact name={t("one.ended")}>
          {delivery.ended_at && <Time at={delivery.ended_at} exact />}
        </Fact>
        <Fact name={t("one.message")}>
          <span className="code">{delivery.message}</span>
        </Fact>
      </Facts>
      <section>
        <h3>{t("one.tries")}</h3>
        {tries.length === 0 && <p className="soft">{t("one.no_tries")}</p>}
        <ol className="tries">
          {tries.map((each) => (
            <li key={each.number} value={each.number}>
              <Time at={each.at} exact />
              <div>
                <Answer of={each} />
              </div>
            </li>
          ))}
        </ol>
      </section>
      <section>
        <h3>{t("one.body")}</h3>
        <pre className="delivery-body code">{JSON.stringify(JSON.parse(body), null, 2)}</pre>
      </section>
    </div>
  );
}

function Again({ read: { delivery }, webhook }: { read: Whole; webhook: Webhook }) {
  const { t } = useTranslation("webhooks");
  const refresh = useRefresh();
  const say = useSay();
  const open = webhook.state === "open";
  const replay = async () => {
    await http.POST("/v1/webhook-deliveries/{delivery_id}/replay", {
      params: { path: { delivery_id: delivery.id } },
    });
    await refresh("/v1/webhook-deliveries/{delivery_id}", "/v1/webhooks/{webhook_id}/deliveries");
    say.done(t("one.again_done"));
  };
  return (
    <Act
      type="primary"
      can={open && delivery.state !== "due" ? ["replay"] : []}
      does="replay"
      why={t(open ? "one.why_due" : "panel.why_disabled")}
      onClick={() => replay().catch(say.failed)}
    >
      {t("one.again")}
    </Act>
  );
}
