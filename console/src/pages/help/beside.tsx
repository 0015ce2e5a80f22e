import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { paths } from "@/paths";
import { Guide } from "./markdown";
import { useGuides } from "./read";

/** A page's guide beside the page: what it says can be done while it is read. */
export default function Beside({ name }: { name: string }) {
  const { t } = useTranslation("shell");
  const guide = useGuides().find((each) => each.name === name);
  return (
    <>
      <p className="guide-leads">
        <Link to={paths.guide(name)}>{t("help.whole")}</Link>
        <Link to={paths.help()}>{t("help.all")}</Link>
      </p>
      {guide && (
        <div lang={guide.language}>
          <h2 className="guide-title">{guide.title}</h2>
          <Guide text={guide.text} />
        </div>
      )}
    </>
  );
}
