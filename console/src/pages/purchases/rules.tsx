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
import { useNames } from "@/things/sought";
import { Act } from "@/ui/act";
import { Empty } from "@/ui/empty";
import { Page } from "@/ui/page";
import { useSay } from "@/ui/problem";
import { Time } from "@/ui/time";
import { InForce } from "./in-force";
import { useLimitWords, useScopeWords } from "./rule-words";

export type Rule = components["schemas"]["RuleShown"];

/** What it may cost, from whom, and when somebody else approves; the more particular wins. */
export default function Rules() {
  const { t } = useTranslation("rules");
  const may = useMay();
  const [{ show }, change] = useUrl({ show: text });
  const asked = api.useQuery("get", "/v1/purchase-rules");
  const rules = asked.data?.rules;
  const edited = rules?.find((rule) => rule.id === show);
  const scope = useScopeWords(rules ?? []);
  const limits = useLimitWords((rules ?? []).map((rule) => rule.limits));
  const refresh = useRefresh();
  const confirm = useConfirm();
  const say = useSay();
  const drop = (rule: Rule) =>
    confirm({
      title: `${t("drop_sure")} ${scope(rule)}`,
      about: t("drop_about"),
      verb: t("drop"),
      danger: true,
      send: async () => {
        const params = { path: { rule_id: rule.id } };
        await http.DELETE("/v1/purchase-rules/{rule_id}", { params });
        await refresh("/v1/purchase-rules", "/v1/purchase-rules/in-force");
        say.done(t("dropped"));
      },
    });
  const add = may("purchases.approve") && (
    <Button type="primary" onClick={() => change({ show: "new" })}>
      {t("add")}
    </Button>
  );
  return (
    <Page title={t("title")} about={t("about")} acts={add}>
      <List<Rule>
        name="purchase-rules"
        label={t("label")}
        rows={rules}
        keyOf={(rule) => rule.id}
        asked={asked}
        change={change}
        opened={show}
        columns={[
          { name: "scope", title: t("scope"), of: scope },
          {
            name: "says",
            title: t("says"),
            of: (rule) => (
              <span className="rule-says">
                {limits(rule.limits).map(({ name, said }) => (
                  <span key={name}>
                    <span className="soft">{t(`limits.${name}`)}</span> {said}
                  </span>
                ))}
              </span>
            ),
          },
          { name: "suppliers", title: t("suppliers"), of: (rule) => <Whom rule={rule} /> },
          { name: "who", title: t("changed"), of: (rule) => rule.who },
          { name: "at", title: t("changed_at"), of: (rule) => <Time at={rule.changed_at} /> },
          {
            name: "acts",
            title: t("acts"),
            of: (rule) =>
              may("purchases.approve") && (
                <span className="purchase-acts">
                  <Act
                    size="small"
                    can={rule.can}
                    does="set"
                    onClick={() => change({ show: rule.id })}
                  >
                    {t("edit")}
                  </Act>
                  <Act size="small" danger can={rule.can} does="drop" onClick={() => drop(rule)}>
                    {t("drop")}
                  </Act>
                </span>
              ),
          },
        ]}
        empty={
          <Empty title={t("empty")} act={add}>
            {t("empty_hint")}
          </Empty>
        }
      />
      <InForce rules={rules ?? []} />
      <RuleSet
        rule={edited}
        rules={rules ?? []}
        open={show === "new" || edited !== undefined}
        onClose={() => change({ show: null })}
      />
    </Page>
  );
}

/** From whom: only these, never those, and in which shares. */
function Whom({ rule }: { rule: Pick<Rule, "allowed" | "denied" | "shares"> }) {
  const { t } = useTranslation("rules");
  const named = useNames("supplier", [
    ...rule.allowed,
    ...rule.denied,
    ...Object.keys(rule.shares),
  ]);
  const names = (codes: readonly string[]) =>
    codes.map((code) => named.get(code) ?? code).join("、");
  const said = [
    rule.allowed.length > 0 && t("allowed_of", { names: names(rule.allowed) }),
    rule.denied.length > 0 && t("denied_of", { names: names(rule.denied) }),
    ...Object.entries(rule.shares).map(([code, share]) =>
      t("share_of", { name: named.get(code) ?? code, share }),
    ),
  ].filter(Boolean);
  return said.length > 0 ? said.join(t("stop")) : <span className="soft">—</span>;
}
