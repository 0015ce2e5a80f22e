import "@/theme/help.css";
import { QuestionCircleOutlined } from "@ant-design/icons";
import { Button, Drawer, Skeleton } from "antd";
import { createContext, lazy, Suspense, use, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "react-router";

/** The guide of the page that is open: routes.tsx names it. */
export const HelpContext = createContext<string | undefined>(undefined);

const Beside = lazy(() => import("@/pages/help/beside"));

/** Opens the page's guide beside it, without covering what it is about. */
export function HelpButton() {
  const { t } = useTranslation("shell");
  const name = use(HelpContext);
  const { pathname } = useLocation();
  const [openOn, setOpenOn] = useState<string>();
  const open = name !== undefined && openOn === pathname;
  useEffect(() => {
    if (!open) return undefined;
    document.body.dataset.help = "open"; // where there is room, the page makes some: console.css
    return () => {
      delete document.body.dataset.help;
    };
  }, [open]);
  if (!name) return null;
  return (
    <>
      <Button
        type="text"
        icon={<QuestionCircleOutlined />}
        aria-expanded={open}
        onClick={() => setOpenOn(open ? undefined : pathname)}
      >
        {t("help.open")}
      </Button>
      <Drawer
        title={t("help.open")}
        open={open}
        onClose={() => setOpenOn(undefined)}
        mask={false}
        size={440}
        styles={{ wrapper: { maxWidth: "100vw" } }}
        destroyOnHidden
      >
        <Suspense fallback={<Skeleton active paragraph={{ rows: 10 }} />}>
          <Beside name={name} />
        </Suspense>
      </Drawer>
    </>
  );
}
