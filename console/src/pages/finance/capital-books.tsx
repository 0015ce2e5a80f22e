import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/client";
import { useMay } from "@/api/me";
import type { components } from "@/api/schema";
import { paths } from "@/paths";
import { Money } from "@/ui/money";
import { Part } from "@/ui/part";
import { ProblemNote } from "@/ui/problem";

type Sheet = components["schemas"]["CapitalSheet"];

const FRESH_MS = 60_000; // all transfers are added up for it

/** The report's totals beside the trial balance of the same moment: which accounts they are. */
export function Books({ days }: { days: number }) {
  const { t } = useTranslation("capital");
  const may = useMay();
  const asked = api.useQuery(
    "get",
    "/v1/reports/capital",
    { params: { query: { days, books: true } } },
    { staleTime: FRESH_MS },
  );
  const sheet = asked.data as Sheet | undefined;
  const books = sheet?.books ?? [];
  const agree = books.every((each) => each.agrees);
  return (
    <Part
      title={t("books.title")}
      means={t("books.means")}
      at={sheet?.at}
      acts={may("ledger.read") && <Link to={paths.trialBalance()}>{t("books.open")}</Link>}
    >
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {asked.isPending && <p className="soft">{t("books.checking")}</p>}
      {books.length > 0 && (
        <>
          <p role="status" className={agree ? "" : "alarm"}>
            {t(agree ? "books.agrees" : "books.differs")}
          </p>
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">{t("books.account")}</th>
                <th scope="col" className="figures">
                  {t("books.told")}
                </th>
                <th scope="col" className="figures">
                  {t("books.booked")}
                </th>
                <th scope="col" className="figures">
                  {t("books.verdict")}
                </th>
              </tr>
            </thead>
            <tbody>
              {books.map((each) => (
                <tr key={each.account}>
                  <th scope="row">{t(`books.${each.account}` as "books.inventory")}</th>
                  <td className="figures">
                    <Money value={each.told} />
                  </td>
                  <td className="figures">
                    <Money value={each.booked} />
                  </td>
                  <td className={each.agrees ? "figures" : "figures alarm"}>
                    {t(each.agrees ? "books.same" : "books.differs_short")}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </Part>
  );
}
