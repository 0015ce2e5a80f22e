import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { SupplierTerms } from "@/forms/supplier-terms";
import { share } from "@/pages/prices/reckon";
import type { Change } from "@/table/url";
import { Act } from "@/ui/act";
import { Word } from "@/ui/badge";
import { Fact, Facts } from "@/ui/facts";
import { Money } from "@/ui/money";
import { Part } from "@/ui/part";
import { ProblemNote } from "@/ui/problem";
import type { Supplier } from "./shown";

/** On what terms we buy; all of it is in the landed cost. */
export function Terms({
  supplier,
  changing,
  change,
}: {
  supplier: Supplier;
  changing: boolean;
  change: Change;
}) {
  const { t } = useTranslation("suppliers");
  const asked = api.useQuery("get", "/v1/suppliers/{code}/terms", {
    params: { path: { code: supplier.code } },
  });
  const terms = asked.data;
  return (
    <Part title={t("terms.title")}>
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {terms && (
        <div className="stack">
          <Facts>
            <Fact name={t("terms.settlement")}>
              <Word of="settlement" value={terms.settlement} />
              {terms.settlement === "payable" && (
                <> · {t("terms.settle_days", { count: terms.settle_days })}</>
              )}
            </Fact>
            <Fact name={t("terms.fee")}>
              <Money value={terms.fee} />
            </Fact>
            <Fact name={t("terms.fee_share")}>
              <span className="figures">{share(terms.fee_ppm)}</span>
            </Fact>
            <Fact name={t("terms.rebate")}>
              <span className="figures">{share(terms.rebate_ppm)}</span>
            </Fact>
          </Facts>
          <div>
            <Act
              can={supplier.can}
              does="terms"
              why={t("page.why_write")}
              onClick={() => change({ show: "terms" })}
            >
              {t("terms.change")}
            </Act>
          </div>
          <SupplierTerms
            name={supplier.name}
            terms={terms}
            open={changing}
            onClose={() => change({ show: null })}
          />
        </div>
      )}
    </Part>
  );
}
