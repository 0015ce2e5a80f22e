import { Skeleton } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { HelpButton } from "./help";
import { useTitle } from "./title";

/** A page: its name as heading and in the tab, what it is about, and what can be done on it. */
export function Page({
  title,
  about,
  acts,
  children,
}: {
  title: string;
  about?: ReactNode;
  acts?: ReactNode;
  children: ReactNode;
}) {
  const { t } = useTranslation("shell");
  useTitle(`${title} · ${t("name")}`);
  return (
    <>
      <header className="page-head">
        <h1>{title}</h1>
        {about && <span className="about">{about}</span>}
        <div className="acts">
          {acts}
          <HelpButton />
        </div>
      </header>
      {children}
    </>
  );
}

/** Keeps a page's place while it loads. */
export function PageSkeleton() {
  return <Skeleton active paragraph={{ rows: 8 }} title={{ width: 200 }} />;
}
