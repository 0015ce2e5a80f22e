import { Alert, Button, Dropdown, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { api } from "@/api/client";
import { useMay, useMe } from "@/api/me";
import "@/theme/supply.css";
import { SupplierFreeze } from "@/forms/supplier-freeze";
import { SupplierChange } from "@/forms/supplier-new";
import { paths } from "@/paths";
import { oneOf, text, useUrl } from "@/table/url";
import { Act } from "@/ui/act";
import { Badge, useChoices } from "@/ui/badge";
import { Page } from "@/ui/page";
import { Part } from "@/ui/part";
import { ProblemNote } from "@/ui/problem";
import { dayIn, formatExact } from "@/util/time";
import { Breaker } from "./breaker";
import { Connect } from "./connect";
import { Connection } from "./connection";
import { Contacts } from "./contacts";
import { Papers } from "./papers";
import { Quality } from "./quality";
import { Offers, type Supplier } from "./shown";
import { Terms } from "./terms";

const QUERY = {
  show: oneOf("connect", "freeze", "change", "terms", "contact", "paper", "breaker"),
  protocol: text,
};
const STAYS = { stays: ["show", "protocol"] };

/** One supplier: can we buy, how do we reach it, on what terms, how good is it, whom do we know. */
export default function SupplierPage() {
  const { t } = useTranslation("suppliers");
  const { code = "" } = useParams();
  const [{ show, protocol }, change] = useUrl(QUERY, STAYS);
  const close = () => change({ show: null, protocol: null });
  const asked = api.useQuery("get", "/v1/supplier-overview", {
    params: { query: { supplier: code } },
  });
  const supplier = asked.data?.suppliers[0];
  if (supplier === undefined) {
    return (
      <Page title={code}>
        <ProblemNote error={asked.error} again={() => void asked.refetch()} />
        {asked.isPending && <Skeleton active paragraph={{ rows: 8 }} />}
      </Page>
    );
  }
  return (
    <Page
      title={supplier.name}
      about={<About supplier={supplier} />}
      acts={<Acts supplier={supplier} change={change} />}
    >
      <Notes supplier={supplier} />
      <div className="order">
        <div className="order-main">
          <Connection supplier={supplier} onConnect={() => change({ show: "connect" })} />
          <Quality supplier={supplier} />
          <Papers supplier={supplier} adding={show === "paper"} change={change} />
        </div>
        <div className="order-side">
          <Part title={t("list.offers")}>
            <Offers of={supplier} />
          </Part>
          <Terms supplier={supplier} changing={show === "terms"} change={change} />
          {supplier.protocol && (
            <Breaker supplier={supplier} opening={show === "breaker"} change={change} />
          )}
          {supplier.can.includes("contacts") && (
            <Contacts supplier={supplier} adding={show === "contact"} change={change} />
          )}
        </div>
      </div>
      <Connect
        supplier={supplier}
        open={show === "connect"}
        protocol={protocol}
        change={change}
        onClose={close}
      />
      <SupplierFreeze supplier={supplier} open={show === "freeze"} onClose={close} />
      <SupplierChange supplier={supplier} open={show === "change"} onClose={close} />
    </Page>
  );
}

function About({ supplier }: { supplier: Supplier }) {
  const { t } = useTranslation("suppliers");
  const zone = useMe().tenant.timezone;
  const tiers = useChoices("tier");
  const tier = tiers.find(({ value }) => value === String(supplier.tier))?.label ?? "";
  return (
    <>
      <Badge of="footing" value={supplier.footing} /> ·{" "}
      <span className="code">{supplier.code}</span>
      {" · "}
      {t("page.since", { tier, day: dayIn(zone, new Date(supplier.added_at)) })}
    </>
  );
}

function Acts({ supplier, change }: { supplier: Supplier; change: ReturnType<typeof useUrl>[1] }) {
  const { t } = useTranslation("suppliers");
  const may = useMay();
  const { code, can } = supplier;
  const frozen = supplier.frozen_because !== null;
  const links = [
    { key: "offers", label: <Link to={paths.offers({ supplier: code })}>{t("page.prices")}</Link> },
    ...(can.includes("import")
      ? [
          {
            key: "import",
            label: (
              <Link to={paths.offers({ supplier: code, open: "import" })}>{t("page.import")}</Link>
            ),
          },
        ]
      : []),
    ...(may("prepaid.read")
      ? [
          {
            key: "statements",
            label: <Link to={paths.statements({ supplier: code })}>{t("page.statements")}</Link>,
          },
        ]
      : []),
    ...(can.includes("change")
      ? [{ key: "change", label: t("change.act"), onClick: () => change({ show: "change" }) }]
      : []),
  ];
  const { t: shell } = useTranslation("shell");
  return (
    <>
      {may("prepaid.read") && (
        <Link to={paths.prepaid({ supplier: code })}>
          <Button>{t("page.prepaid")}</Button>
        </Link>
      )}
      <Act
        can={can}
        does={frozen ? "unfreeze" : "freeze"}
        why={t("page.why_write")}
        danger={!frozen}
        onClick={() => change({ show: "freeze" })}
      >
        {t(frozen ? "page.unfreeze" : "page.freeze")}
      </Act>
      <Dropdown menu={{ items: links }} trigger={["click"]}>
        <Button>{shell("do.more")}</Button>
      </Dropdown>
    </>
  );
}

/** What somebody must know before anything else: why it can't be bought from, what expires. */
function Notes({ supplier }: { supplier: Supplier }) {
  const { t } = useTranslation("suppliers");
  const zone = useMe().tenant.timezone;
  const reasons = useChoices("broken_because");
  const notes: { kind: "error" | "warning"; title: string; about?: string }[] = [];
  if (supplier.frozen_because !== null) {
    const title = t("page.frozen", { why: supplier.frozen_because });
    notes.push({ kind: "error", title, about: t("page.frozen_hint") });
  }
  if (supplier.footing === "locked_out") {
    notes.push({ kind: "error", title: t("page.locked_out") });
  }
  if (supplier.broken_until !== null && new Date(supplier.broken_until) > new Date()) {
    const until = formatExact(new Date(supplier.broken_until), zone);
    const why = reasons.find(({ value }) => value === supplier.broken_because)?.label ?? "";
    notes.push({ kind: "error", title: t("page.broken", { until, why }) });
  }
  if (supplier.prices_failures > 0 && supplier.footing === "unread") {
    const said = supplier.prices_said;
    const title = t("page.unread", { count: supplier.prices_failures, said });
    notes.push({ kind: "warning", title });
  }
  if (supplier.papers_due > 0) {
    notes.push({
      kind: "warning",
      title: t("page.papers_due", { count: supplier.papers_due }),
    });
  }
  return notes.map(({ kind, title, about }) => (
    <Alert
      key={title}
      type={kind}
      showIcon
      title={title}
      {...(about ? { description: about } : {})}
      style={{ marginBottom: 12 }}
    />
  ));
}
