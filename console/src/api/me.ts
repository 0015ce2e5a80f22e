import type { QueryClient } from "@tanstack/react-query";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, use } from "react";
import { api, http, rememberCsrf } from "./client";
import type { components } from "./schema";

export type Me = components["schemas"]["Me"];
export type Permission = components["schemas"]["Permission"];
export type Role = components["schemas"]["Role"];

export const MeContext = createContext<Me | null>(null);

/** Who is signed in. Only below the shell, where somebody is. */
export function useMe(): Me {
  const me = use(MeContext);
  if (me === null) throw new Error("nobody is signed in here");
  return me;
}

/** Whether the reader may do something: only to leave out what the server would refuse. */
export function useMay(): (needed: Permission | readonly Permission[] | undefined) => boolean {
  const { permissions } = useMe();
  return (needed) => may(permissions, needed);
}

export function may(
  permissions: readonly Permission[],
  needed: Permission | readonly Permission[] | undefined,
): boolean {
  if (needed === undefined) return true;
  const any: readonly Permission[] = typeof needed === "string" ? [needed] : needed;
  return any.some((each) => permissions.includes(each));
}

export const ME = api.queryOptions("get", "/v1/me");

/** Ask who is signed in; remembers the token that changes need. */
export function useWhoIsSignedIn() {
  const found = useQuery({ ...ME, staleTime: 5 * 60_000, retry: false });
  rememberCsrf(found.data?.csrf_token);
  return found;
}

/** Forget everything that was read for whoever was here. */
export function forget(queries: QueryClient): void {
  rememberCsrf(null);
  queries.clear();
}

/** Sign out; the cookie's session ends on the server. */
export function useSignOut(): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    await http.DELETE("/v1/session");
    forget(queries);
  };
}

/** Go on with what the server says of us now: a session's new token, another name. */
export function useBecome(): (me: Me) => void {
  const queries = useQueryClient();
  return (me) => {
    rememberCsrf(me.csrf_token);
    queries.setQueryData(ME.queryKey, me);
  };
}
