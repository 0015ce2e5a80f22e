import type zh from "./catalogue.zh";
import type { English } from "./english";

export default {
  skus: {
    title: "SKUs",
    label: "List of SKUs",
    about: "What is sold: face value, period and delivery of each",
    code: "SKU",
    name: "Name",
    brand: "Brand",
    product: "Product",
    period: "Period",
    days: "Days",
    days_of: "{{days}} days",
    terminal: "For",
    fulfilment: "Delivered as",
    face_value: "Face value",
    face_value_as_of: "Verified on",
    unverified: "not verified",
    shortage: "When short",
    returnable: "Returnable",
    partial: "Partial delivery",
    state: "State",
    steps: "How to redeem",
    devices: "Devices",
    validity: "Validity",
    url: "Redeemed at",
    retire: "Retire",
    resume: "Sell again",
    retire_ask: "Retire {{name}}?",
    retire_about:
      "It takes no new orders and no new stock. What was sold stays, and you can resume it any time.",
    retired_done: "{{name}} is retired",
    resumed_done: "{{name}} is on sale again",
    empty: "No SKUs yet",
    empty_hint: "Install the catalogue that ships with kashu catalog install, or import your own.",
  },
} satisfies English<typeof zh>;
