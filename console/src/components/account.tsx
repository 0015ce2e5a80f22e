import { UserOutlined } from "@ant-design/icons";
import { Button, Dropdown, Space } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { http } from "@/api/client";
import { useMe, useSignOut } from "@/api/me";
import { usePreferences } from "@/api/preferences";
import { paths } from "@/paths";
import { type Looks, look, useLooks } from "@/theme/looks";
import { useSay } from "@/ui/problem";
import { useZone } from "@/ui/time";
import { language, speak } from "@/words";

const LOOKS: readonly Looks[] = ["system", "light", "dark"];

/** Who is signed in, in which language and light; and the way out. */
export function Account() {
  const { t } = useTranslation("shell");
  const me = useMe();
  const zone = useZone();
  const { looks } = useLooks();
  const signOut = useSignOut();
  const [, keep] = usePreferences();
  const navigate = useNavigate();
  const say = useSay();
  const turn = async () => {
    const next = language() === "zh" ? "en" : "zh";
    await speak(next);
    http.PATCH("/v1/me", { body: { language: next } }).catch(() => undefined);
  };
  const leave = async () => {
    try {
      await signOut();
      navigate(paths.signIn());
    } catch (error) {
      say.failed(error);
    }
  };
  return (
    <Space size={4}>
      <Button type="text" onClick={turn}>
        {t("nav.language")}
      </Button>
      <Dropdown
        trigger={["click"]}
        placement="bottomRight"
        menu={{
          selectedKeys: [looks],
          items: [
            {
              type: "group",
              label: `${me.name ?? me.actor} · ${me.role ? t(`roles.${me.role}`) : ""}`,
              children: [],
            },
            {
              type: "group",
              label: t("nav.theme"),
              children: LOOKS.map((each) => ({
                key: each,
                label: t(`nav.theme_${each}`),
                onClick: () => {
                  look(each);
                  keep((kept) => ({ ...kept, theme: each }));
                },
              })),
            },
            { type: "divider" },
            {
              key: "zone",
              label: t("nav.zone", { zone }),
              onClick: () => navigate(paths.account()),
            },
            { key: "help", label: t("help.all"), onClick: () => navigate(paths.help()) },
            { key: "account", label: t("nav.account"), onClick: () => navigate(paths.account()) },
            { key: "leave", label: t("nav.sign_out"), onClick: leave },
          ],
        }}
      >
        <Button
          type="text"
          icon={<UserOutlined />}
          aria-label={`${t("nav.account")}: ${me.name ?? ""}`}
        >
          <span className="wide-only">{me.name}</span>
        </Button>
      </Dropdown>
    </Space>
  );
}
