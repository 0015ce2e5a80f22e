import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { api, http } from "@/api/client";
import { useMay } from "@/api/me";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { useConfirm } from "@/forms/form";
import { RuleSet } from "@/forms/rule-set";
import { List } from "@/table/list";
import { text, useUrl } from "@/table/url";
import { Act } from "@/ui/act";
import { Empty } from "@/ui/empty";
import { Page } from "@/ui/page";
import { useSay } from "@/ui/problem";
import { Time } from "@/ui/time";
import { InForce } from "./in-force";
import { useLimitWords, useScopeWords } from "./rule-words";
import { useSuppliers } from "./things";

export type Rule = components["schemas"]["RuleShown"];

/** What it may cost, from whom, and when somebody else approves; the more particular wins. */
export default function Rules() {
  const { t } = useTranslation("purchases");
  const may = useMay();
  const [{ show }, change] = useUrl({ show: text });
  const asked = api.useQuery("get", "/v1/purchase-rules");
  const rules = asked.data?.rules;
  const edited = rules?.find((rule) => rule.id === show);
  const scope = useScopeWords();
  const limits = useLimitWords();
  const refresh = useRefresh();
  const confirm = useConfirm();
  const say = useSay();
  const drop = (rule: Rule) =>
    confirm({
      title: `${t("rules.drop_sure")} ${scope(rule)}`,
      about: t("rules.drop_about"),
      verb: t("rules.drop"),
      danger: true,
      send: async () => {
        const params = { path: { rule_id: rule.id } };
        await http.DELETE("/v1/purchase-rules/{rule_id}", { params });
        await refresh("/v1/purchase-rules", "/v1/purchase-rules/in-force");
        say.done(t("rules.dropped"));
      },
    });
  const add = may("purchases.approve") && (
    <Button type="primary" onClick={() => change({ show: "new" })}>
      {t("rules.add")}
    </Button>
  );
  return (
    <Page title={t("rules.title")} about={t("rules.about")} acts={add}>
      <List<Rule>
        name="purchase-rules"
        label={t("rules.label")}
        rows={rules}
        keyOf={(rule) => rule.id}
        asked={asked}
        change={change}
        opened={show}
        columns={[
          { name: "scope", title: t("rules.scope"), of: scope },
          {
            name: "says",
            title: t("rules.says"),
            of: (rule) => (
              <span className="rule-says">
                {limits(rule.limits).map(({ name, said }) => (
                  <span key={name}>
                    <span className="soft">{t(`rules.limits.${name}`)}</span> {said}
                  </span>
                ))}
              </span>
            ),
          },
          { name: "suppliers", title: t("rules.suppliers"), of: (rule) => <Whom rule={rule} /> },
          { name: "who", title: t("rules.changed"), of: (rule) => rule.who },
          { name: "at", title: t("rules.changed_at"), of: (rule) => <Time at={rule.changed_at} /> },
          {
            name: "acts",
            title: t("rules.acts"),
            of: (rule) =>
              may("purchases.approve") && (
                <span className="purchase-acts">
                  <Act
                    size="small"
                    can={rule.can}
                    does="set"
                    onClick={() => change({ show: rule.id })}
                  >
                    {t("rules.edit")}
                  </Act>
                  <Act size="small" danger can={rule.can} does="drop" onClick={() => drop(rule)}>
                    {t("rules.drop")}
                  </Act>
                </span>
              ),
          },
        ]}
        empty={
          <Empty title={t("rules.empty")} act={add}>
            {t("rules.empty_hint")}
          </Empty>
        }
      />
      <InForce rules={rules ?? []} />
      <RuleSet
        rule={edited}
        open={show === "new" || edited !== undefined}
        onClose={() => change({ show: null })}
      />
    </Page>
  );
}

/** From whom: only these, never those, and in which shares. */
function Whom({ rule }: { rule: Pick<Rule, "allowed" | "denied" | "shares"> }) {
  const { t } = useTranslation("purchases");
  const named = new Map(useSuppliers().map(({ value, label }) => [value, label]));
  const names = (codes: readonly string[]) =>
    codes.map((code) => named.get(code) ?? code).join("、");
  const said = [
    rule.allowed.length > 0 && t("rules.allowed_of", { names: names(rule.allowed) }),
    rule.denied.length > 0 && t("rules.denied_of", { names: names(rule.denied) }),
    ...Object.entries(rule.shares).map(([code, share]) =>
      t("rules.share_of", { name: named.get(code) ?? code, share }),
    ),
  ].filter(Boolean);
  return said.length > 0 ? said.join(t("stop")) : <span className="soft">—</span>;
}
