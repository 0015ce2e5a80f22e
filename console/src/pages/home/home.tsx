import type { ComponentType } from "react";
import { useTranslation } from "react-i18next";
import { type Role, useMe } from "@/api/me";
import { Page } from "@/ui/page";
import { Auditor } from "./auditor";
import { Begin } from "./begin";
import { Finance } from "./finance";
import { Ops } from "./ops";
import { Owner } from "./owner";
import { Service } from "./service";
import "@/theme/parts.css";

const FIRST: Readonly<Record<Role, ComponentType>> = {
  owner: Owner,
  ops: Ops,
  finance: Finance,
  service: Service,
  auditor: Auditor,
};

/** The first thing somebody sees: what waits for them, by what they are here; and where to begin. */
export default function Home() {
  const { t } = useTranslation("home");
  const me = useMe();
  const Content = FIRST[me.role ?? "auditor"];
  return (
    <Page
      title={t("hello", { name: me.name ?? me.tenant.name })}
      about={t(`about.${me.role ?? "auditor"}`)}
    >
      <div className="home">
        <Begin />
        <Content />
      </div>
    </Page>
  );
}
