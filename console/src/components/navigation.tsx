import { Menu } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "react-router";
import { useMay } from "@/api/me";
import { SITE, type SiteGroup, type SitePage } from "@/routes";

/** The groups and pages this reader may see; nothing else is there. */
export function useSite(): { group: SiteGroup; pages: SitePage[] }[] {
  const may = useMay();
  return SITE.map((group) => ({
    group,
    pages: group.pages.filter((page) => !page.inner && may(page.may)),
  })).filter(({ pages }) => pages.length > 0);
}

/** The page somebody is on: the longest path that begins theirs. */
function currentOf(pathname: string): SitePage | undefined {
  const pages = SITE.flatMap((group) => group.pages).filter((page) => !page.inner);
  return pages
    .filter(({ path }) => pathname === path || (path !== "/" && pathname.startsWith(`${path}/`)))
    .sort((one, other) => other.path.length - one.path.length)[0];
}

/** The navigation: a group of one page is that page. */
export function Navigation() {
  const { t } = useTranslation("shell");
  const { pathname } = useLocation();
  const site = useSite();
  const current = currentOf(pathname);
  const within = site.find(({ group }) => current && group.pages.includes(current))?.group.name;
  const [toggled, setToggled] = useState<Readonly<Record<string, boolean>>>({});
  const open = site
    .map(({ group }) => group.name)
    .filter((name) => toggled[name] ?? name === within);
  const linkTo = (page: SitePage, label: string) => ({
    key: page.path,
    label: (
      <Link to={page.path} aria-current={page === current ? "page" : undefined}>
        {label} {page.mark && <page.mark />}
      </Link>
    ),
  });
  return (
    <nav aria-label={t("nav.label")}>
      <Menu
        mode="inline"
        selectedKeys={current ? [current.path] : []}
        openKeys={open}
        onOpenChange={(names) =>
          setToggled(
            Object.fromEntries(site.map(({ group }) => [group.name, names.includes(group.name)])),
          )
        }
        inlineIndent={16}
        style={{ borderInlineEnd: 0 }}
        items={site.map(({ group, pages: [first, ...rest] }) => {
          if (first && rest.length === 0) {
            return { ...linkTo(first, t(`pages.${first.name}`)), icon: group.icon };
          }
          const pages = first ? [first, ...rest] : rest;
          return {
            key: group.name,
            icon: group.icon,
            label: t(`groups.${group.name}`),
            children: pages.map((page) => linkTo(page, t(`pages.${page.name}`))),
          };
        })}
      />
    </nav>
  );
}
