import { Skeleton, Space } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import { useConfirm } from "@/forms/form";
import { SkuChange } from "@/forms/sku-change";
import { Act } from "@/ui/act";
import { Badge, Word } from "@/ui/badge";
import { Fact, Facts } from "@/ui/facts";
import { Money } from "@/ui/money";
import { Panel } from "@/ui/panel";
import { ProblemNote, useSay } from "@/ui/problem";
import { language } from "@/words";
import { brandOf, nameOf, productOf, type Sku } from "./list";

/** One SKU, beside the list. */
export function SkuPanel({ code, onClose }: { code: string | undefined; onClose: () => void }) {
  const { t } = useTranslation("catalogue");
  const [changing, setChanging] = useState(false);
  const asked = api.useQuery(
    "get",
    "/v1/skus/{code}",
    { params: { path: { code: code ?? "" } } },
    { enabled: code !== undefined },
  );
  const sku = code === undefined ? undefined : asked.data;
  return (
    <Panel
      title={sku ? nameOf(sku) : (code ?? "")}
      open={code !== undefined}
      onClose={onClose}
      acts={
        sku && (
          <Space>
            <Act can={sku.can} does="change" onClick={() => setChanging(true)}>
              {t("change.act")}
            </Act>
            <StateAct sku={sku} />
          </Space>
        )
      }
    >
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {asked.isPending && <Skeleton active />}
      {sku && <SkuFacts sku={sku} />}
      {sku && <SkuChange sku={sku} open={changing} onClose={() => setChanging(false)} />}
    </Panel>
  );
}

function SkuFacts({ sku }: { sku: Sku }) {
  const { t } = useTranslation("catalogue");
  const { t: shell } = useTranslation("shell");
  const chinese = language() === "zh";
  const { redemption } = sku;
  const yesNo = (is: boolean) => shell(is ? "do.yes" : "do.no");
  const steps = chinese ? redemption.steps_zh : redemption.steps_en;
  return (
    <Facts>
      <Fact name={t("skus.code")}>
        <span className="code">{sku.code}</span>
      </Fact>
      <Fact name={t("skus.state")}>
        <Badge of="sku" value={sku.state} />
      </Fact>
      <Fact name={t("skus.brand")}>{brandOf(sku)}</Fact>
      <Fact name={t("skus.product")}>{productOf(sku)}</Fact>
      <Fact name={t("skus.period")}>
        <Word of="period" value={sku.period} />
      </Fact>
      <Fact name={t("skus.days")}>{t("skus.days_of", { days: sku.days })}</Fact>
      <Fact name={t("skus.fulfilment")}>
        <Word of="fulfilment" value={sku.fulfilment} />
      </Fact>
      <Fact name={t("skus.terminal")}>
        <Word of="terminal" value={sku.terminal} />
      </Fact>
      <Fact name={t("skus.face_value")}>
        <Money value={sku.face_value} currency={sku.currency} />{" "}
        {!sku.face_value_verified && <span className="soft">{t("skus.unverified")}</span>}
      </Fact>
      <Fact name={t("skus.face_value_as_of")}>{sku.face_value_as_of}</Fact>
      <Fact name={t("skus.shortage")}>
        <Word of="shortage" value={sku.shortage_policy} />
      </Fact>
      <Fact name={t("skus.returnable")}>{yesNo(sku.returnable)}</Fact>
      <Fact name={t("skus.partial")}>{yesNo(sku.partial_allowed)}</Fact>
      <Fact name={t("skus.steps")}>
        {steps.length > 0 && (
          <ol className="plain-steps">
            {steps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        )}
      </Fact>
      <Fact name={t("skus.devices")}>
        {chinese ? redemption.devices_zh : redemption.devices_en}
      </Fact>
      <Fact name={t("skus.validity")}>
        {chinese ? redemption.validity_zh : redemption.validity_en}
      </Fact>
      <Fact name={t("skus.url")}>
        {redemption.url && <span className="code">{redemption.url}</span>}
      </Fact>
    </Facts>
  );
}

/** Stop selling it, or sell it again. */
function StateAct({ sku }: { sku: Sku }) {
  const { t } = useTranslation("catalogue");
  const refresh = useRefresh();
  const confirm = useConfirm();
  const say = useSay();
  const become = async (state: "active" | "retired") => {
    const params = { path: { code: sku.code } };
    await http.PATCH("/v1/skus/{code}", { params, body: { state } });
    await refresh("/v1/skus", "/v1/skus/{code}");
    say.done(
      t(state === "active" ? "skus.resumed_done" : "skus.retired_done", { name: nameOf(sku) }),
    );
  };
  if (sku.state === "retired") {
    return (
      <Act can={sku.can} does="resume" onClick={() => become("active").catch(say.failed)}>
        {t("skus.resume")}
      </Act>
    );
  }
  const ask = () =>
    confirm({
      title: t("skus.retire_ask", { name: nameOf(sku) }),
      about: t("skus.retire_about"),
      verb: t("skus.retire"),
      danger: true,
      send: () => become("retired"),
    });
  return (
    <Act can={sku.can} does="retire" onClick={ask}>
      {t("skus.retire")}
    </Act>
  );
}
