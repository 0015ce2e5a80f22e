import { Button } from "antd";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Link, useRouteError } from "react-router";
import { Problem } from "@/api/problem";
import { paths } from "@/paths";
import { Empty } from "@/ui/empty";
import { ProblemNote } from "@/ui/problem";

/** A page that fell over, in place of it: in words, with a way on. */
export function Broken() {
  const { t } = useTranslation("shell");
  const error = useRouteError();
  // A part of the program that isn't there any more: the server has a newer one.
  const updated = error instanceof TypeError && /import|module/i.test(error.message);
  useEffect(() => {
    if (!updated) reportError(error);
  }, [error, updated]);
  if (error instanceof Problem) return <ProblemNote error={error} />;
  const what = updated ? "updated" : "broken";
  return (
    <div role="alert">
      <Empty
        title={t(`problem.${what}.title`)}
        act={
          <Button type="primary" onClick={() => window.location.reload()}>
            {t("problem.updated.reload")}
          </Button>
        }
      >
        {t(`problem.${what}.detail`)}
      </Empty>
    </div>
  );
}

export function NotFound() {
  const { t } = useTranslation("shell");
  return (
    <Empty
      title={t("problem.not_found.title")}
      act={<Link to={paths.home()}>{t("problem.not_found.home")}</Link>}
    >
      {t("problem.not_found.detail")}
    </Empty>
  );
}

export function NotAllowed() {
  const { t } = useTranslation("shell");
  return (
    <Empty
      title={t("problem.not_allowed.title")}
      act={<Link to={paths.home()}>{t("problem.not_found.home")}</Link>}
    >
      {t("problem.not_allowed.detail")}
    </Empty>
  );
}
