import { CheckCircleFilled } from "@ant-design/icons";
import { Button, Card } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/client";
import { type Permission, useMay } from "@/api/me";
import { paths } from "@/paths";

const HIDDEN = "kashu.begun";
const ONE = { params: { query: { limit: 1 } } };
const STALE_MS = 60_000;
const WITH_HEALTH = { params: { query: { health: true } } };

interface Step {
  name: "skus" | "stock" | "store" | "mapping" | "order" | "staff";
  may: Permission;
  done: boolean | undefined;
  to: string | null;
}

/** From an empty shop to the first real order, a step at a time; gone when all is done. */
export function Begin() {
  const { t } = useTranslation("home");
  const { t: shell } = useTranslation("shell");
  const [hidden, setHidden] = useState(() => localStorage.getItem(HIDDEN) === "true");
  const steps = useSteps(!hidden);
  const done = steps.filter((step) => step.done).length;
  const known = steps.every((step) => step.done !== undefined);
  if (hidden || !known || steps.length < 2 || done === steps.length) return null;
  const hide = () => {
    localStorage.setItem(HIDDEN, "true");
    setHidden(true);
  };
  return (
    <Card
      size="small"
      title={t("begin.title")}
      extra={
        <Button type="link" size="small" onClick={hide}>
          {t("begin.hide")}
        </Button>
      }
    >
      <p className="soft" style={{ marginTop: 0 }}>
        {t("begin.done", { done, of: steps.length })}
      </p>
      <ol className="steps">
        {steps.map((step, place) => (
          <li key={step.name} data-done={step.done}>
            {step.done ? (
              <CheckCircleFilled role="img" aria-label={shell("do.yes")} />
            ) : (
              <span className="steps-number">{place + 1}</span>
            )}
            <span>
              {step.to && !step.done ? (
                <Link to={step.to}>{t(`begin.${step.name}`)}</Link>
              ) : (
                t(`begin.${step.name}`)
              )}
              {!step.done && (
                <>
                  <br />
                  <span className="soft">{t(`begin.${step.name}_hint`)}</span>
                </>
              )}
            </span>
          </li>
        ))}
      </ol>
    </Card>
  );
}

function staleUntilSome({ state }: { state: { data?: object | undefined } }): number | "static" {
  const some = Object.values(state.data ?? {}).some((rows) => Array.isArray(rows) && rows.length);
  return some ? "static" : STALE_MS;
}

/**
 * What has been done is read from what is there, not remembered. Where it can't be read nothing is
 * shown: the pages themselves say what went wrong.
 */
function useSteps(enabled: boolean): Step[] {
  const may = useMay();
  const when = (needed: Permission) => ({ enabled: enabled && may(needed), staleTime: STALE_MS });
  // What was begun isn't asked for again with each order that comes.
  const until = (needed: Permission) => ({ ...when(needed), staleTime: staleUntilSome });
  // Quiet: all of these, as said above.
  const skus = api.useQuery("get", "/v1/skus", ONE, until("catalog.read"));
  const lots = api.useQuery("get", "/v1/stock/lots", ONE, until("stock.read"));
  const stores = api.useQuery("get", "/v1/stores", WITH_HEALTH, when("orders.read"));
  const orders = api.useQuery("get", "/v1/orders", ONE, until("orders.read"));
  const staff = api.useQuery("get", "/v1/staff", {}, when("staff.manage"));
  const some = (rows: readonly unknown[] | undefined) => rows && rows.length > 0;
  const granted = stores.data?.stores.filter(({ health }) => health?.grant === "granted");
  const unmapped = granted?.find(({ health }) => !health?.listings || health.unmapped > 0);
  const steps: Step[] = [
    { name: "skus", may: "catalog.write", done: some(skus.data?.skus), to: paths.skus() },
    { name: "stock", may: "stock.import", done: some(lots.data?.lots), to: paths.newImport() },
    { name: "store", may: "settings.write", done: some(granted), to: paths.connectStore() },
    {
      name: "mapping",
      may: "catalog.write",
      done: granted && granted.length > 0 && unmapped === undefined,
      to: unmapped ? paths.listings(unmapped.code, { mapped: "false" }) : paths.stores(),
    },
    {
      name: "order",
      may: "orders.write",
      done: some(orders.data?.orders),
      to: paths.orders({ show: "new" }),
    },
    {
      name: "staff",
      may: "staff.manage",
      done: staff.data && staff.data.staff.length > 1,
      to: paths.staff({ show: "invite" }),
    },
  ];
  return steps.filter((step) => may(step.may));
}
