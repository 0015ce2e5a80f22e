import { Button, Space } from "antd";
import { useTranslation } from "react-i18next";
import { api, http } from "@/api/client";
import { useMe } from "@/api/me";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { useConfirm } from "@/forms/form";
import { SupplierPaper } from "@/forms/supplier-paper";
import type { Change } from "@/table/url";
import { Act } from "@/ui/act";
import { Word } from "@/ui/badge";
import { Part } from "@/ui/part";
import { ProblemNote, useSay } from "@/ui/problem";
import { dayIn } from "@/util/time";
import type { Supplier } from "./shown";

type Paper = components["schemas"]["PaperShown"];
const DAY_MS = 86_400_000;
const SOON_DAYS = 60;

/** Licences, authorisations, contracts: those that expire first in front. */
export function Papers({
  supplier,
  adding,
  change,
}: {
  supplier: Supplier;
  adding: boolean;
  change: Change;
}) {
  const { t } = useTranslation("suppliers");
  const asked = api.useQuery("get", "/v1/suppliers/{code}/papers", {
    params: { path: { code: supplier.code } },
  });
  const papers = asked.data?.papers;
  return (
    <Part title={t("papers.title")}>
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {papers?.length === 0 && <p className="soft">{t("papers.none")}</p>}
      {papers?.map((paper) => (
        <OnePaper key={paper.id} paper={paper} />
      ))}
      <Act
        can={supplier.can}
        does="papers"
        why={t("page.why_write")}
        onClick={() => change({ show: "paper" })}
      >
        {t("papers.add")}
      </Act>
      <SupplierPaper code={supplier.code} open={adding} onClose={() => change({ show: null })} />
    </Part>
  );
}

function OnePaper({ paper }: { paper: Paper }) {
  const { t } = useTranslation("suppliers");
  const refresh = useRefresh();
  const confirm = useConfirm();
  const say = useSay();
  const remove = () =>
    confirm({
      title: t("papers.remove_ask", { name: paper.name }),
      about: t("papers.remove_about"),
      verb: t("papers.remove"),
      danger: true,
      send: async () => {
        await http.DELETE("/v1/papers/{paper_id}", { params: { path: { paper_id: paper.id } } });
        await refresh("/v1/suppliers/{code}/papers", "/v1/supplier-overview");
        say.done(t("papers.removed", { name: paper.name }));
      },
    });
  const details = [paper.paper_number, paper.issuer].filter(Boolean).join(" · ");
  return (
    <div className="line">
      <span className="line-name">
        <Word of="paper" value={paper.kind} />
      </span>
      <span className="line-main">
        {paper.name}
        {details && <span className="price-note">{details}</span>}
      </span>
      <Expiry day={paper.expires_on} />
      <Space>
        {paper.file_name && (
          <Button size="small" href={`/v1/papers/${paper.id}/file`} download={paper.file_name}>
            {t("papers.download")}
          </Button>
        )}
        <Act size="small" can={paper.can} does="remove" why={t("page.why_write")} onClick={remove}>
          {t("papers.remove")}
        </Act>
      </Space>
    </div>
  );
}

/** A paper's last day: in words how near it is, alarming where it is. */
function Expiry({ day }: { day: string | null }) {
  const { t } = useTranslation("suppliers");
  const zone = useMe().tenant.timezone;
  if (day === null) return <span className="soft">{t("papers.no_expiry")}</span>;
  const left = Math.round((Date.parse(day) - Date.parse(dayIn(zone))) / DAY_MS);
  const near = left <= SOON_DAYS;
  return (
    <span className={near ? "figures alarm" : "figures"}>
      {t("papers.until", { day })}
      {near && ` · ${left < 0 ? t("papers.over") : t("papers.left", { count: left })}`}
    </span>
  );
}
