import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useConfirm } from "@/forms/form";
import type { Store } from "./frame";
import type { Drafts } from "./listings-drafts";
import { useMapListings } from "./listings-map";
import type { Listing } from "./listings-types";

/** Confirm what is filled in for all that are chosen; each is shown once more. */
export function BulkConfirm({
  store,
  chosen,
  drafts,
  onDone,
}: {
  store: Store;
  chosen: readonly Listing[];
  drafts: Drafts;
  onDone: () => void;
}) {
  const { t } = useTranslation("listings");
  const confirm = useConfirm();
  const map = useMapListings(store.code);
  const wanted = chosen.flatMap((listing) => {
    const { sku, units } = drafts.of(listing);
    return listing.sku === null && sku ? [{ listing, sku, units }] : [];
  });
  if (wanted.length === 0) return null;
  const ask = () =>
    confirm({
      title: t("confirm_ask", { count: wanted.length }),
      about: (
        <>
          <p>{t("confirm_about")}</p>
          <ul className="plain-steps scrolled">
            {wanted.map(({ listing, sku, units }) => (
              <li key={listing.id}>
                {listing.title} {listing.properties} →{" "}
                <span className="code">
                  {sku} × {units}
                </span>
              </li>
            ))}
          </ul>
        </>
      ),
      verb: t("confirm_some", { count: wanted.length }),
      send: async () => {
        await map(
          wanted.map(({ listing, sku, units }) => ({ listing_id: listing.id, sku, units })),
        );
        onDone();
      },
    });
  return (
    <Button type="primary" onClick={ask}>
      {t("confirm_some", { count: wanted.length })}
    </Button>
  );
}
