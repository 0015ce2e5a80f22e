import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { useSay } from "@/ui/problem";

type Wanted = components["schemas"]["MappingWanted"];

/** Say of some listings what each stands for; what can't be is told. */
export function useMapListings(code: string): (listings: Wanted[]) => Promise<void> {
  const { t } = useTranslation("listings");
  const refresh = useRefresh();
  const say = useSay();
  return async (listings) => {
    const params = { path: { code } };
    const { data } = await http.POST("/v1/stores/{code}/listings/map", {
      params,
      body: { listings },
    });
    await refresh("/v1/stores", "/v1/stores/{code}", "/v1/stores/{code}/listings");
    const refused = (data?.outcomes ?? []).flatMap(({ problem }) => (problem ? [problem] : []));
    const [first] = refused;
    const done = t("confirmed", { count: listings.length - refused.length });
    if (first) say.done(done, `${t("refused", { count: refused.length })}: ${first.detail}`);
    else say.done(done);
  };
}
