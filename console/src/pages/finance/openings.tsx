import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/client";
import { useMay } from "@/api/me";
import type { components } from "@/api/schema";
import { OpeningPost } from "@/forms/opening-post";
import { paths } from "@/paths";
import type { Column } from "@/table/columns";
import { List } from "@/table/list";
import { oneOf, useUrl } from "@/table/url";
import { Empty } from "@/ui/empty";
import { Count } from "@/ui/money";
import { Page } from "@/ui/page";
import { Time } from "@/ui/time";

type Opening = components["schemas"]["OpeningShown"];

const QUERY = { show: oneOf("post") };

/** What was there before us, posted once: the first balances of the books. */
export default function Openings() {
  const { t } = useTranslation("openings");
  const may = useMay();
  const [{ show }, change] = useUrl(QUERY);
  const asked = api.useQuery("get", "/v1/openings");
  const post = may("settings.write") && (
    <Button type="primary" onClick={() => change({ show: "post" })}>
      {t("post")}
    </Button>
  );
  return (
    <Page title={t("title")} about={t("about")} acts={post}>
      <List<Opening>
        name="openings"
        label={t("title")}
        columns={useColumns()}
        rows={asked.data?.openings}
        keyOf={(row) => row.id}
        asked={asked}
        empty={
          <Empty title={t("none")} act={post}>
            {t("none_hint")} {!post && t("owner_posts")}
          </Empty>
        }
      />
      <p className="soft">
        {t("seen_in")}{" "}
        <Link className="underlined" to={paths.trialBalance()}>
          {t("trial_balance")}
        </Link>
      </p>
      <OpeningPost open={show === "post"} onClose={() => change({ show: null })} />
    </Page>
  );
}

function useColumns(): Column<Opening>[] {
  const { t } = useTranslation("openings");
  return [
    { name: "name", title: t("name"), of: (row) => row.name },
    { name: "on", title: t("on"), of: (row) => row.posted_on },
    {
      name: "balances",
      title: t("count"),
      figures: true,
      of: (row) => <Count value={row.balances} />,
    },
    { name: "at", title: t("at"), of: (row) => <Time at={row.posted_at} exact /> },
  ];
}
