import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { language } from "@/words";

export type Platform = components["schemas"]["ChannelShown"];
export type PlatformField = components["schemas"]["FieldShown"];
export type Way = components["schemas"]["Way"];

interface Both {
  readonly zh: string;
  readonly en: string;
}

/** What the server says in both languages, in the reader's. */
export function said({ zh, en }: Both): string {
  return language() === "zh" ? zh : en;
}

export function hint(field: PlatformField): string {
  return language() === "zh" ? field.hint_zh : field.hint_en;
}

/** The platforms that stores can be connected to. */
export function usePlatforms() {
  return api.useQuery("get", "/v1/channels", {}, { staleTime: Number.POSITIVE_INFINITY });
}

/** The options that a platform asks for where permission comes so. */
export function fieldsFor(platform: Platform, way: Way): PlatformField[] {
  return platform.fields.filter(({ ways }) => ways.length === 0 || ways.includes(way));
}
