import { useState } from "react";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import { useConfirm } from "@/forms/form";
import { StrategyAssign } from "@/forms/strategy-assign";
import { Act } from "@/ui/act";
import { Panel } from "@/ui/panel";
import { useSay } from "@/ui/problem";
import { type Strategy, useNamed } from "./list";
import { type Step, useSteps } from "./steps";
import { type Use, useWhom } from "./whom";

/** One strategy: its steps in words, whom it serves, and what can be changed. */
export function StrategyPanel({
  strategy,
  onEdit,
  onClose,
}: {
  strategy: Strategy | undefined;
  onEdit: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation("strategies");
  const [assigning, setAssigning] = useState(false);
  const say = useSteps(useNamed(strategy ? [strategy] : []));
  const act = { can: strategy?.can ?? [], why: t("why_role") };
  return (
    <Panel
      title={strategy ? t("panel.title", { name: strategy.name }) : ""}
      open={strategy !== undefined}
      onClose={onClose}
      acts={
        <Act {...act} does="save" onClick={onEdit}>
          {t("edit")}
        </Act>
      }
    >
      {strategy && (
        <div className="stack">
          <h3>{t("steps")}</h3>
          <ol className="strategy-steps">
            {(strategy.steps as Step[]).map((step) => (
              <li key={JSON.stringify(step)}>{say(step)}</li>
            ))}
          </ol>
          <p className="soft">{t("form.about")}</p>
          <h3>{t("serves")}</h3>
          {strategy.uses.length === 0 && <p className="soft">{t("serves_none")}</p>}
          {strategy.uses.map((use) => (
            <Served key={JSON.stringify(use)} strategy={strategy} use={use} />
          ))}
          <div>
            <Act {...act} does="assign" onClick={() => setAssigning(true)}>
              {t("panel.assign")}
            </Act>
          </div>
          <StrategyAssign
            strategy={assigning ? strategy : null}
            onClose={() => setAssigning(false)}
          />
        </div>
      )}
    </Panel>
  );
}

function Served({ strategy, use }: { strategy: Strategy; use: Use }) {
  const { t } = useTranslation("strategies");
  const refresh = useRefresh();
  const confirm = useConfirm();
  const say = useSay();
  const whom = useWhom()(use);
  const stop = async () => {
    const params = { path: { code: strategy.code } };
    const { sku, store, customer } = use;
    const body = {
      ...(sku ? { sku: sku.code } : {}),
      ...(store ? { store: store.code } : {}),
      ...(customer ? { customer: customer.code } : {}),
    };
    await http.POST("/v1/strategies/{code}/unassign", { params, body });
    await refresh("/v1/strategies");
    say.done(t("panel.unassigned"));
  };
  return (
    <div className="line">
      <span className="line-main">{whom}</span>
      <Act
        can={strategy.can}
        does="unassign"
        why={t("why_role")}
        size="small"
        onClick={() =>
          confirm({
            title: t("panel.unassign_ask", { whom }),
            about: t("panel.unassign_about"),
            verb: t("panel.unassign"),
            danger: true,
            send: stop,
          })
        }
      >
        {t("panel.unassign")}
      </Act>
    </div>
  );
}
