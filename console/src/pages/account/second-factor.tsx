import { Button, Card, Space } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, http } from "@/api/client";
import { type Me, useBecome } from "@/api/me";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { AccountAuthenticator } from "@/forms/account-authenticator";
import { AccountPasskey } from "@/forms/account-passkey";
import { AccountProof, type Proof } from "@/forms/account-proof";
import { Once } from "@/ui/once";
import { ProblemNote, useSay } from "@/ui/problem";
import { Time } from "@/ui/time";

type Factors = components["schemas"]["SecondFactor"];
/** What is done once somebody has proved to be themselves. */
interface Deed {
  title: string;
  about?: string;
  verb: string;
  danger?: boolean;
  send: (proof: Proof) => Promise<void>;
}

/** What somebody proves themselves with beside the password, and how that changes. */
export function SecondFactor() {
  const { t } = useTranslation("account");
  const asked = api.useQuery("get", "/v1/me/second-factor");
  const become = useBecome();
  const refresh = useRefresh();
  const say = useSay();
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const [deed, setDeed] = useState<Deed | null>(null);
  const [adding, setAdding] = useState<"authenticator" | "passkey" | null>(null);
  const again = () => refresh("/v1/me/second-factor", "/v1/me/sessions");
  const added = async (me: Me, made: readonly string[]) => {
    setAdding(null);
    if (made.length > 0) setCodes(made);
    become(me);
    await again();
  };
  const factors = asked.data;
  return (
    <Card size="small" title={t("second.title")} loading={asked.isPending}>
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      <p className="soft">{t("second.about")}</p>
      {factors && (
        <>
          <Authenticator
            factors={factors}
            onAdd={() => setAdding("authenticator")}
            onRemove={() =>
              setDeed({
                title: t("second.remove_ask"),
                about: t("second.remove_about"),
                verb: t("second.remove"),
                danger: true,
                send: async (body) => {
                  await http.POST("/v1/me/second-factor/authenticator/remove", { body });
                  await again();
                  say.done(t("second.removed"));
                },
              })
            }
          />
          <Passkeys
            factors={factors}
            onAdd={() => setAdding("passkey")}
            onRemove={(passkey) =>
              setDeed({
                title: t("second.passkey_remove_ask", { name: passkey.name }),
                about: t("second.passkey_remove_about"),
                verb: t("second.passkey_remove"),
                danger: true,
                send: async (body) => {
                  const params = { path: { passkey_id: passkey.id } };
                  await http.POST("/v1/me/passkeys/{passkey_id}/remove", { params, body });
                  await again();
                  say.done(t("second.passkey_removed"));
                },
              })
            }
          />
          {(factors.authenticator_since || factors.passkeys.length > 0) && (
            <div className="line">
              <strong className="line-name">{t("second.recovery")}</strong>
              <span className="line-main">
                {t("second.recovery_left", { left: factors.recovery_codes_left })}
              </span>
              <Button
                size="small"
                onClick={() =>
                  setDeed({
                    title: t("second.recovery_make"),
                    about: t("second.recovery_about"),
                    verb: t("second.recovery_make"),
                    send: async (body) => {
                      const { data } = await http.POST("/v1/me/recovery-codes", { body });
                      if (data) setCodes(data.recovery_codes);
                      await again();
                    },
                  })
                }
              >
                {t("second.recovery_make")}
              </Button>
            </div>
          )}
          <AccountProof deed={deed} fresh={factors.fresh} onClose={() => setDeed(null)} />
          <AccountAuthenticator
            open={adding === "authenticator"}
            fresh={factors.fresh}
            onClose={() => setAdding(null)}
            onAdded={added}
          />
          <AccountPasskey
            open={adding === "passkey"}
            fresh={factors.fresh}
            onClose={() => setAdding(null)}
            onAdded={added}
          />
        </>
      )}
      <Once
        title={t("second.recovery_title")}
        about={t("second.recovery_about")}
        secret={codes?.join("\n") ?? null}
        onClose={() => setCodes(null)}
      />
    </Card>
  );
}

function Authenticator({
  factors,
  onAdd,
  onRemove,
}: {
  factors: Factors;
  onAdd: () => void;
  onRemove: () => void;
}) {
  const { t } = useTranslation("account");
  const since = factors.authenticator_since;
  return (
    <div className="line">
      <strong className="line-name">{t("second.authenticator")}</strong>
      <span className="line-main">
        {since ? (
          <>
            {t("second.since")} <Time at={since} exact />
          </>
        ) : (
          t("second.off")
        )}
      </span>
      {since ? (
        <Button size="small" onClick={onRemove}>
          {t("second.remove")}
        </Button>
      ) : (
        <Button size="small" type="primary" onClick={onAdd}>
          {t("second.begin")}
        </Button>
      )}
    </div>
  );
}

function Passkeys({
  factors,
  onAdd,
  onRemove,
}: {
  factors: Factors;
  onAdd: () => void;
  onRemove: (passkey: Factors["passkeys"][number]) => void;
}) {
  const { t } = useTranslation("account");
  return (
    <>
      <div className="line">
        <strong className="line-name">{t("second.passkeys")}</strong>
        <span className="line-main">
          {factors.passkeys.length === 0 && t("second.passkey_none")}{" "}
          {factors.passkeys_hint && <span className="soft">{factors.passkeys_hint}</span>}
        </span>
        {factors.passkeys_work_here && (
          <Button size="small" onClick={onAdd}>
            {t("second.passkey_add")}
          </Button>
        )}
      </div>
      {factors.passkeys.map((passkey) => (
        <div key={passkey.id} className="line">
          <span className="line-name" />
          <span className="line-main">{passkey.name}</span>
          <Space>
            <span className="soft">
              {t("second.passkey_used")} <Time at={passkey.last_used_at ?? null} />
            </span>
            <Button size="small" onClick={() => onRemove(passkey)}>
              {t("second.passkey_remove")}
            </Button>
          </Space>
        </div>
      ))}
    </>
  );
}
