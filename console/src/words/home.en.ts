import type { English } from "./english";
import type zh from "./home.zh";

export default {
  title: "Home",
  hello: "Hello, {{name}}",
  orders_latest: "Latest orders",
  waiting: "Waiting",
  waiting_means: "Everything on the exceptions desk that needs a person.",
  overdue: "Overdue",
  overdue_means: "What should have been done by now.",
  soon: "{{count}} more soon",
  alerts: "Stock alerts",
  alerts_means: "What is below its level, expires soon or doesn't move, now.",
  no_orders: "No orders yet",
  begin: {
    title: "Begin here",
    done: "{{done}} of {{of}} done",
    skus: "Install a catalogue",
    skus_hint: "Say what you sell.",
    stock: "Import the first cards",
    stock_hint: "Paste or drop your supplier's file; every row is checked before it counts.",
    store: "Connect the first store",
    store_hint: "Watch in shadow mode first: nothing changes for your buyers.",
    order: "Receive the first order",
    order_hint: "They come by themselves once a store is connected; or enter one by hand.",
    staff: "Invite a colleague",
    staff_hint: "Roles say who may do what, and what was done is on record.",
    hide: "Don't show this again",
  },
} satisfies English<typeof zh>;
