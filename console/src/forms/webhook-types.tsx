import { Checkbox, Form, Radio } from "antd";
import { useTranslation } from "react-i18next";
import type { components } from "@/api/schema";
import type words from "@/words/webhooks.zh";

export type MessageType = components["schemas"]["MessageType"];
type Told = Exclude<MessageType, "webhook.test">;
type Subject = keyof (typeof words)["subjects"];

// Under which heading each is chosen: one that the server adds doesn't compile before it has one.
const SUBJECTS: { readonly [Type in Told]: Subject } = {
  "order.filled": "order",
  "order.partly_filled": "order",
  "order.short": "order",
  "order.refused": "order",
  "order.topped_up": "order",
  "order.cancelled": "order",
  "order.refunded": "order",
  "order.sent": "order",
  "order.confirmed": "order",
  "order.delivered": "order",
  "order.delivery_trouble": "order",
  "import.done": "import",
  "import.failed": "import",
  "alert.raised": "alert",
  "alert.cleared": "alert",
  "offer.price_moved": "offer",
  "offer.sold_out": "offer",
  "purchase.held": "purchase",
  "purchase.overdue": "purchase",
  "attempt.unclear": "purchase",
  "supplier.balance_low": "supplier",
};
const TOLD = Object.keys(SUBJECTS) as Told[];
const ORDER: readonly Subject[] = ["order", "import", "alert", "offer", "purchase", "supplier"];

export interface TypesValues {
  heard: "all" | "some";
  types?: MessageType[];
}

/** As they are chosen here: the server has them by the alphabet. */
export function inOrder(types: readonly MessageType[]): MessageType[] {
  return TOLD.filter((type) => types.includes(type));
}

/** What can be told to one that is bound to a store or a customer, and to one that isn't. */
function tellable(bound: boolean): readonly Told[] {
  return bound ? TOLD.filter((type) => SUBJECTS[type] === "order") : TOLD;
}

/** As the API has it: none are all. */
export function typesOf({ heard, types = [] }: TypesValues, bound: boolean): MessageType[] {
  const can: readonly string[] = tellable(bound);
  return heard === "all" ? [] : types.filter((type) => can.includes(type));
}

/** What it is told of: all, or what is chosen, by what it is about. */
export function TypesField({ bound }: { bound: boolean }) {
  const { t } = useTranslation("webhooks");
  const heard = Form.useWatch<TypesValues["heard"]>("heard");
  return (
    <>
      <Form.Item name="heard" label={t("form.heard")} required>
        <Radio.Group
          className="webhook-choice"
          options={[
            { value: "all", label: t(bound ? "form.heard_orders" : "form.heard_all") },
            { value: "some", label: t("form.heard_some") },
          ]}
        />
      </Form.Item>
      {heard === "some" && (
        <Form.Item
          name="types"
          rules={[
            {
              validator: (_, types?: MessageType[]) =>
                typesOf({ heard, types: types ?? [] }, bound).length > 0
                  ? Promise.resolve()
                  : Promise.reject(new Error(t("form.choose_one"))),
            },
          ]}
        >
          <TypesChoice bound={bound} />
        </Form.Item>
      )}
    </>
  );
}

function TypesChoice({
  bound,
  value = [],
  onChange,
}: {
  bound: boolean;
  value?: readonly MessageType[];
  onChange?: (types: MessageType[]) => void;
}) {
  const { t } = useTranslation("webhooks");
  const can = tellable(bound);
  const put = (types: readonly Told[], on: boolean) => {
    const others = value.filter((type) => !types.some((each) => each === type));
    onChange?.(on ? [...others, ...types] : others);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is drawn otherwise
    <div role="group" aria-label={t("form.types")} className="webhook-types">
      {ORDER.map((subject) => {
        const types = can.filter((type) => SUBJECTS[type] === subject);
        const chosen = types.filter((type) => value.includes(type)).length;
        if (types.length === 0) return null;
        return (
          <div key={subject}>
            <Checkbox
              checked={chosen === types.length}
              indeterminate={chosen > 0 && chosen < types.length}
              onChange={({ target }) => put(types, target.checked)}
            >
              <strong>{t(`subjects.${subject}`)}</strong>
            </Checkbox>
            <div className="webhook-types-of">
              {types.map((type) => (
                <Checkbox
                  key={type}
                  checked={value.includes(type)}
                  onChange={({ target }) => put([type], target.checked)}
                >
                  <TypeWords type={type} /> <span className="code soft">{type}</span>
                </Checkbox>
              ))}
            </div>
          </div>
        );
      })}
    </div>
  );
}

type Key<Type extends string> = Type extends `${infer About}.${infer What}`
  ? `${About}_${What}`
  : never;

/** What a message tells, in words. */
export function TypeWords({ type }: { type: MessageType }) {
  const { t } = useTranslation("webhooks");
  return <>{t(`types.${type.replace(".", "_") as Key<MessageType>}`)}</>;
}
