import { Button, Checkbox } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, http } from "@/api/client";
import { type Role, useMay, useMe } from "@/api/me";
import { useRefresh } from "@/api/refresh";
import { useConfirm } from "@/forms/form";
import { RateSet } from "@/forms/rate-set";
import { ShopChange } from "@/forms/shop-change";
import { paths } from "@/paths";
import { oneOf, useUrl } from "@/table/url";
import { Fact, Facts } from "@/ui/facts";
import { Page } from "@/ui/page";
import { Part } from "@/ui/part";
import { ProblemNote, useSay } from "@/ui/problem";
import { useNow } from "@/ui/time";
import { formatExact } from "@/util/time";

const ROLES: readonly Role[] = ["owner", "ops", "finance", "service", "auditor"];

/** The shop itself: what it is called, where its days begin, who must prove twice, rates. */
export default function Shop() {
  const { t } = useTranslation("shop");
  const { tenant } = useMe();
  const now = useNow();
  const [{ show }, change] = useUrl({ show: oneOf("change", "rate") });
  const close = () => change({ show: null });
  return (
    <Page
      title={t("title")}
      about={t("about")}
      acts={
        <Button type="primary" onClick={() => change({ show: "change" })}>
          {t("change")}
        </Button>
      }
    >
      <div className="cards">
        <Part title={t("shop")}>
          <Facts>
            <Fact name={t("name")}>{tenant.name}</Fact>
            <Fact name={t("code")}>
              <span className="code">{tenant.code}</span>
            </Fact>
            <Fact name={t("timezone")}>
              {tenant.timezone}{" "}
              <span className="soft">
                {t("now", { at: formatExact(new Date(now), tenant.timezone) })}
              </span>
            </Fact>
          </Facts>
        </Part>
        <SecondFactor />
        <Rates onSet={() => change({ show: "rate" })} />
        <Part title={t("elsewhere")}>
          <ul className="plain-steps">
            <li>
              <Link to={paths.limits()}>{t("limits")}</Link>
            </li>
            <li>
              <Link to={paths.staff()}>{t("staff")}</Link>
            </li>
          </ul>
        </Part>
      </div>
      <ShopChange open={show === "change"} onClose={close} />
      <RateSet open={show === "rate"} onClose={close} />
    </Page>
  );
}

/** Which roles must have a second step. What is ticked counts from their next click on. */
function SecondFactor() {
  const { t } = useTranslation("shop");
  const { t: shell } = useTranslation("shell");
  const asked = api.useQuery("get", "/v1/settings/second-factor");
  const refresh = useRefresh();
  const say = useSay();
  const [saving, setSaving] = useState(false);
  const roles = asked.data?.roles ?? [];
  const keep = async (wanted: readonly string[]) => {
    setSaving(true);
    try {
      const body = { roles: ROLES.filter((role) => wanted.includes(role)) };
      await http.PUT("/v1/settings/second-factor", { body });
      await refresh("/v1/settings/second-factor", "/v1/me/second-factor");
      say.done(t("second.kept"));
    } catch (error) {
      say.failed(error);
    } finally {
      setSaving(false);
    }
  };
  return (
    <Part title={t("second.title")}>
      <p className="soft">{t("second.about")}</p>
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      <Checkbox.Group
        value={roles}
        disabled={asked.isPending || saving}
        onChange={(wanted) => void keep(wanted as string[])}
        options={ROLES.map((role) => ({ value: role, label: shell(`roles.${role}`) }))}
      />
    </Part>
  );
}

/** What foreign currencies cost, as somebody entered it. */
function Rates({ onSet }: { onSet: () => void }) {
  const { t } = useTranslation("shop");
  const asked = api.useQuery("get", "/v1/exchange-rates");
  const may = useMay();
  const confirm = useConfirm();
  const refresh = useRefresh();
  const say = useSay();
  const rates = asked.data ?? [];
  const drop = (currency: string) =>
    confirm({
      title: t("rates.drop_ask", { currency }),
      about: t("rates.drop_about"),
      verb: t("rates.drop"),
      danger: true,
      send: async () => {
        await http.DELETE("/v1/exchange-rates/{currency}", { params: { path: { currency } } });
        await refresh("/v1/exchange-rates");
        say.done(t("rates.dropped", { currency }));
      },
    });
  return (
    <Part title={t("rates.title")}>
      <p className="soft">{t("rates.about")}</p>
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {rates.map((rate) => (
        <div className="line" key={rate.currency}>
          <span className="line-name code">{rate.currency}</span>
          <span className="line-main figures">{t("rates.costs", { rate: rate.rate })}</span>
          {may("suppliers.write") && (
            <Button size="small" onClick={() => drop(rate.currency)}>
              {t("rates.drop")}
            </Button>
          )}
        </div>
      ))}
      {asked.isSuccess && rates.length === 0 && <p className="soft">{t("rates.none")}</p>}
      {may("suppliers.write") && <Button onClick={onSet}>{t("rates.set")}</Button>}
    </Part>
  );
}
