import { Input, Tag } from "antd";
import { useDeferredValue } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { paths } from "@/paths";
import { text, useUrl } from "@/table/url";
import { Empty } from "@/ui/empty";
import { Page } from "@/ui/page";
import { Part } from "@/ui/part";
import { language } from "@/words";
import { find, type Hit, onShelf, SHELVES, useGuides } from "./read";

/** All that can be read here, and a search through it. */
export default function Help() {
  const { t } = useTranslation("help");
  const [{ q = "" }, change] = useUrl({ q: text });
  const guides = useGuides();
  const hits = find(guides, useDeferredValue(q));
  return (
    <Page title={t("title")} about={t("about")}>
      <div className="help">
        <Input.Search
          aria-label={t("search")}
          placeholder={t("search_hint")}
          value={q}
          allowClear
          size="large"
          onChange={(event) => change({ q: event.target.value })}
        />
        {q.trim() ? <Found hits={hits} /> : <Shelves guides={guides} />}
      </div>
    </Page>
  );
}

function Found({ hits }: { hits: readonly Hit[] }) {
  const { t } = useTranslation("help");
  if (hits.length === 0) return <Empty title={t("nothing")}>{t("nothing_hint")}</Empty>;
  return (
    <section aria-label={t("found")}>
      <p className="soft" aria-live="polite">
        {t("found", { count: hits.length })}
      </p>
      <ul className="help-hits">
        {hits.map(({ guide, excerpt }) => (
          <li key={guide.name}>
            <GuideName guide={guide} />
            <div className="soft">{excerpt}</div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Shelves({ guides }: { guides: readonly ShippedGuide[] }) {
  const { t } = useTranslation("help");
  return (
    <div className="help-shelves">
      {SHELVES.map((shelf) => (
        <Part key={shelf} title={t(`shelves.${shelf}`)}>
          <ul className="help-list">
            {onShelf(guides, shelf).map((guide) => (
              <li key={guide.name}>
                <GuideName guide={guide} />
              </li>
            ))}
          </ul>
        </Part>
      ))}
    </div>
  );
}

function GuideName({ guide }: { guide: ShippedGuide }) {
  const { t } = useTranslation("help");
  return (
    <>
      <Link to={paths.guide(guide.name)}>{guide.title}</Link>
      {guide.language !== language() && <Tag style={{ marginInlineStart: 6 }}>{t("english")}</Tag>}
    </>
  );
}
