import { MenuOutlined } from "@ant-design/icons";
import { Button, Drawer, Grid, Layout } from "antd";
import { type ReactNode, Suspense, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, Outlet, useLocation } from "react-router";
import { useLive } from "@/api/live";
import { type Me, MeContext, type Permission, useMay, useWhoIsSignedIn } from "@/api/me";
import { Problem } from "@/api/problem";
import { paths } from "@/paths";
import { look } from "@/theme/looks";
import { PageSkeleton } from "@/ui/page";
import { ProblemNote } from "@/ui/problem";
import { language, speak } from "@/words";
import { Account } from "./account";
import { Bell } from "./bell";
import { NotAllowed } from "./broken";
import { Keyboard } from "./keyboard";
import { Navigation } from "./navigation";
import { Search } from "./search";

/** Around every page of somebody who is signed in: navigation, search, account. */
export function Shell() {
  const { t } = useTranslation("shell");
  const who = useWhoIsSignedIn();
  const wide = Grid.useBreakpoint().lg ?? true;
  const [open, setOpen] = useState(false);
  const { pathname, search } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page closes the navigation
  useEffect(() => setOpen(false), [pathname]);
  useRemembered(who.data);
  if (who.data === undefined) {
    const signedOut = who.error instanceof Problem && (who.error as Problem).status === 401;
    if (who.error && !signedOut) {
      return (
        <div className="shell-body">
          <ProblemNote error={who.error} again={() => who.refetch()} />
        </div>
      );
    }
    return null; // app.tsx leads to the door
  }
  const me = who.data;
  if (pathname === paths.cockpit() && search.includes("wall=1") && !me.must_enrol) {
    return (
      <MeContext value={me}>
        <main>
          <Suspense fallback={null}>
            <Outlet />
          </Suspense>
        </main>
        <Live />
      </MeContext>
    );
  }
  return (
    <MeContext value={me}>
      <a className="skip" href="#content">
        {t("nav.skip")}
      </a>
      <Layout className="shell" hasSider={wide}>
        {wide && (
          <Layout.Sider className="shell-side" width={208}>
            <div className="brand">{t("name")}</div>
            <Navigation />
          </Layout.Sider>
        )}
        <Layout style={{ minWidth: 0 }}>
          <Layout.Header className="shell-top">
            {!wide && (
              <Button
                type="text"
                icon={<MenuOutlined />}
                aria-label={t("nav.open")}
                onClick={() => setOpen(true)}
              />
            )}
            <span className="shop">{me.tenant.name}</span>
            <span className="spring" />
            <Search />
            <Bell />
            <Account />
          </Layout.Header>
          <main id="content" tabIndex={-1} className="shell-body" style={{ outline: "none" }}>
            <Suspense fallback={<PageSkeleton />}>
              {me.must_enrol && pathname !== paths.account() ? (
                <Navigate to={paths.account()} replace />
              ) : (
                <Outlet />
              )}
            </Suspense>
          </main>
        </Layout>
      </Layout>
      {!wide && (
        <Drawer
          title={t("name")}
          placement="left"
          size={264}
          open={open}
          onClose={() => setOpen(false)}
          styles={{ body: { padding: 0 } }}
        >
          <Navigation />
        </Drawer>
      )}
      <Keyboard />
      <Live />
    </MeContext>
  );
}

/** A page for those who may see it; others are told so. The server refuses all the same. */
export function Allowed({
  may: needed,
  children,
}: {
  may: Permission | readonly Permission[] | undefined;
  children: ReactNode;
}) {
  return useMay()(needed) ? children : <NotAllowed />;
}

/** Look and speak as the reader chose elsewhere; asked once, so that a choice made here stays. */
function useRemembered(me: Me | undefined): void {
  const followed = useRef("");
  useEffect(() => {
    if (me === undefined || followed.current === me.actor) return;
    followed.current = me.actor;
    if (me.preferences?.theme) look(me.preferences.theme);
    if (me.language && me.language !== language()) void speak(me.language);
  }, [me]);
}

/** Listens while somebody is signed in; shows nothing. */
function Live() {
  useLive();
  return null;
}
