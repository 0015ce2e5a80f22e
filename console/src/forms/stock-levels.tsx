import { Form, InputNumber } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { Called } from "@/pages/stock/things";
import { Chooser } from "@/things/chooser";
import { Act } from "@/ui/act";
import { useSay } from "@/ui/problem";
import { FormPanel } from "./form";

/** A level that is set, or where one is to be set: of all warehouses, or of one. */
export interface LevelSet {
  readonly warehouse_id: string | null;
  readonly low?: number;
  readonly enough?: number;
  readonly quiet_hours?: number;
}

interface Values {
  warehouse_id: string;
  low: number;
  enough: number;
  quiet_hours: number;
}

const EVERYWHERE = "";
const AGAIN_HOURS = 12; // where nobody says otherwise

/** Say when a SKU, or what a warehouse has of it, is low, and when there is enough again. */
export function StockLevels({
  sku,
  level,
  onClose,
}: {
  sku: Called;
  level: LevelSet | null;
  onClose: () => void;
}) {
  const { t } = useTranslation("stock");
  const { t: shell } = useTranslation("shell");
  const refresh = useRefresh();
  const say = useSay();
  const keep = async (
    warehouse_id: string,
    body: { low: number | null; enough: number | null; quiet_hours: number },
  ) => {
    const path = { sku_id: sku.id };
    if (warehouse_id === EVERYWHERE)
      await http.PUT("/v1/stock/levels/{sku_id}", { params: { path }, body });
    else
      await http.PUT("/v1/stock/levels/{sku_id}/{warehouse_id}", {
        params: { path: { ...path, warehouse_id } },
        body,
      });
    await refresh("/v1/stock/levels", "/v1/stock/skus", "/v1/stock/alerts");
    onClose();
  };
  const remove = () =>
    keep(level?.warehouse_id ?? EVERYWHERE, { low: null, enough: null, quiet_hours: 0 })
      .then(() => say.done(t("levels.removed")))
      .catch(say.failed);
  const whole = [{ required: true, message: shell("form.required") }];
  return (
    <FormPanel<Values>
      title={t("levels.title")}
      about={t("levels.about")}
      verb={t("levels.verb")}
      open={level !== null}
      onClose={onClose}
      initial={{
        warehouse_id: level?.warehouse_id ?? EVERYWHERE,
        quiet_hours: level?.quiet_hours ?? AGAIN_HOURS,
        ...(level?.low === undefined ? {} : { low: level.low }),
        ...(level?.enough === undefined ? {} : { enough: level.enough }),
      }}
      send={async ({ warehouse_id, ...body }) => {
        await keep(warehouse_id, body);
        say.done(t("levels.done"), sku.name);
      }}
    >
      <Form.Item name="warehouse_id" label={t("levels.place")}>
        <Chooser
          of="warehouse"
          by="id"
          disabled={level?.low !== undefined}
          first={[{ value: EVERYWHERE, label: t("sku.level_all") }]}
        />
      </Form.Item>
      <Form.Item name="low" label={t("levels.low")} rules={whole}>
        <InputNumber min={0} precision={0} style={{ width: 160 }} />
      </Form.Item>
      <Form.Item name="enough" label={t("levels.enough")} rules={whole}>
        <InputNumber min={1} precision={0} style={{ width: 160 }} />
      </Form.Item>
      <Form.Item
        name="quiet_hours"
        label={t("levels.quiet")}
        extra={t("levels.quiet_hint")}
        rules={whole}
      >
        <InputNumber min={0} max={720} precision={0} style={{ width: 160 }} />
      </Form.Item>
      {level?.low !== undefined && <Act onClick={remove}>{t("levels.remove")}</Act>}
    </FormPanel>
  );
}
