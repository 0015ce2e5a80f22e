import { useTranslation } from "react-i18next";
import type zh from "@/words/protocols.zh";

type Words = typeof zh;
type Known = Exclude<keyof Words, "other">;

// Those whose own address is known, so that none need be given. All others have one of their own.
const OWN_ADDRESS: readonly string[] = ["fulu", "kinguin", "reloadly", "file"];

/** What a protocol is called, and what it asks for. */
export interface ProtocolWords {
  readonly name: string;
  readonly about: string;
  readonly account: string;
  readonly secret: string;
  readonly address: string;
  readonly needsAddress: boolean;
  /** Options that may be given, by name, each with what it does. */
  readonly options: readonly (readonly [string, string])[];
}

/** Words for each protocol; one that another package brought has general ones. */
export function useProtocols(): (protocol: string) => ProtocolWords {
  const { t, i18n } = useTranslation("protocols");
  return (protocol) => {
    const known = i18n.exists(`${protocol}.name`, { ns: "protocols" });
    const of = (known ? protocol : "other") as Known;
    const options = t(`${of}.options` as never, { returnObjects: true, defaultValue: {} });
    return {
      name: t(`${of}.name`, { protocol }),
      about: t(`${of}.about`),
      account: t(`${of}.account`),
      secret: t(`${of}.secret`),
      address: t(`${of}.address`),
      needsAddress: known && !OWN_ADDRESS.includes(protocol),
      options: typeof options === "object" ? Object.entries(options as Record<string, string>) : [],
    };
  };
}
