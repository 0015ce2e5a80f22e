import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { App as Antd, ConfigProvider } from "antd";
import en from "antd/locale/en_US";
import zh from "antd/locale/zh_CN";
import { useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { RouterProvider } from "react-router/dom";
import { onSignedOut } from "@/api/client";
import { forget } from "@/api/me";
import { Problem } from "@/api/problem";
import { paths } from "@/paths";
import { useLooks } from "@/theme/looks";
import { themeOf } from "@/theme/theme";
import { NONCE } from "@/theme/trusted";
import { router } from "./router";

/** What the server doesn't answer is asked once more; what it refuses isn't. */
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      networkMode: "always", // who is offline is told so, instead of waiting for ever
      retry: (count, error) => count < 1 && !(error instanceof Problem && error.status < 500),
      staleTime: 10_000,
      refetchOnWindowFocus: true,
    },
    mutations: { networkMode: "always" },
  },
});

// Whoever isn't signed in any more signs in again, and comes back to the same page.
onSignedOut(() => {
  const { pathname, search } = router.state.location;
  if (pathname.endsWith("/sign-in")) return;
  forget(queries);
  const back = pathname.replace(/^\/console/, "") + search;
  void router.navigate(paths.signIn(back === "/" ? {} : { back }));
});

export function App() {
  const { dark } = useLooks();
  const { i18n } = useTranslation("shell");
  const theme = useMemo(() => themeOf(dark), [dark]);
  useEffect(() => {
    document.documentElement.style.colorScheme = dark ? "dark" : "light";
    document.body.style.background = theme.token?.colorBgLayout ?? "";
  }, [dark, theme]);
  return (
    <ConfigProvider
      theme={theme}
      locale={i18n.language === "en" ? en : zh}
      csp={{ nonce: NONCE }}
      button={{ autoInsertSpace: false }}
    >
      <Antd component={false} notification={{ maxCount: 4 }}>
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </Antd>
    </ConfigProvider>
  );
}
