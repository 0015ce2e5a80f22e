import type { English } from "./english";
import type zh from "./limits.zh";

export default {
  title: "Approval limits",
  about: "Orders and refunds by hand above these wait for a second person",
  order_amount: "Orders by hand, amount",
  order_units: "Orders by hand, units",
  refund_amount: "Refunds, amount",
  none: "No limit",
  above: "Approved above {{limit}}",
  units: "{{count}} units",
  changed: "Last changed",
  change: "Change limits",
  form_about:
    "Counted over what is sent at once: a form or a file. Leave a field empty for no limit. They hold for people who are signed in, not for stores' orders or API keys.",
  order_amount_hint:
    "5000, say: orders entered at once for more than ¥5,000 are approved before cards are allocated",
  order_units_hint: "100, say: more than 100 units at once are approved first",
  refund_amount_hint: "500, say: a refund or cancellation of more than ¥500 is approved first",
  amount_rule: "Write an amount such as 5000 or 5000.00",
  save: "Save",
  saved: "Saved",
  who: "Owner, operations and finance may approve; never what they asked for themselves.",
} satisfies English<typeof zh>;
