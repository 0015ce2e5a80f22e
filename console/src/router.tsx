import { createBrowserRouter, type RouteObject } from "react-router";
import { Broken, NotFound } from "@/components/broken";
import { Door } from "@/components/door";
import { Allowed, Shell } from "@/components/shell";
import { SITE, type SitePage } from "@/routes";
import { HelpContext } from "@/ui/help";
import { learnWordsOf } from "@/words";

/** A page and its words come together, and only to those who may see it. */
function routeOf(page: SitePage): RouteObject {
  return {
    path: page.path,
    ErrorBoundary: Broken,
    lazy: async () => {
      const [{ default: Content }] = await Promise.all([page.load(), learnWordsOf(page.words)]);
      const element = (
        <Allowed may={page.may}>
          <HelpContext value={page.help}>
            <Content />
          </HelpContext>
        </Allowed>
      );
      return { element };
    },
  };
}

export const router = createBrowserRouter(
  [
    {
      ErrorBoundary: Broken,
      HydrateFallback: () => null,
      children: [
        {
          path: "/sign-in",
          Component: Door,
          children: [
            {
              index: true,
              lazy: async () => {
                const [{ default: Component }] = await Promise.all([
                  import("@/pages/sign-in/sign-in"),
                  learnWordsOf(["sign-in"]),
                ]);
                return { Component };
              },
            },
          ],
        },
        {
          Component: Shell,
          children: [
            ...SITE.flatMap((group) => group.pages).map(routeOf),
            { path: "*", Component: NotFound },
          ],
        },
      ],
    },
  ],
  { basename: "/console" },
);
