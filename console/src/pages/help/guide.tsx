import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { NotFound } from "@/components/broken";
import { paths } from "@/paths";
import { Page } from "@/ui/page";
import { language } from "@/words";
import { Guide } from "./markdown";
import { useGuides } from "./read";

/** One guide on a page of its own. */
export default function GuidePage() {
  const { t } = useTranslation("help");
  const { guide: name } = useParams();
  const guide = useGuides().find((each) => each.name === name);
  if (!guide) return <NotFound />;
  return (
    <Page
      title={guide.title}
      about={guide.language !== language() && t("only_english")}
      acts={<Link to={paths.help()}>{t("all")}</Link>}
    >
      <div className="guide-page" lang={guide.language}>
        <Guide text={guide.text} />
      </div>
    </Page>
  );
}
