import { Button } from "antd";
import { Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Outlet } from "react-router";
import { language, speak } from "@/words";

/** What stands around the pages on which nobody is signed in yet. */
export function Door() {
  const { t } = useTranslation("shell");
  return (
    <div className="door">
      <header style={{ display: "flex", justifyContent: "space-between", alignItems: "center" }}>
        <span className="brand" style={{ padding: 0 }}>
          {t("name")}
        </span>
        <Button type="text" onClick={() => speak(language() === "zh" ? "en" : "zh")}>
          {t("nav.language")}
        </Button>
      </header>
      <main className="door-card">
        <Suspense>
          <Outlet />
        </Suspense>
      </main>
    </div>
  );
}
