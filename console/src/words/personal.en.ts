import type { English } from "./english";
import type zh from "./personal.zh";

export default {
  title: "Personal data",
  about: "What do you keep of me? Please delete it: answered here",
  label: "Orders found",
  by_what: "Find by",
  by: { order: "Order", buyer: "Buyer", account: "Account" },
  hint: {
    order: "The order's number, or how it begins",
    buyer: "The buyer as the platform shows them, or the last four",
    account: "The whole phone number, QQ number or address",
  },
  find: "Find",
  maybe:
    "Compared as masks show it, so somebody else's may be among them. Check the orders' numbers with the buyer first.",
  nothing: "Nothing found",
  nothing_hint: "Try another way. What was erased is found by the order's number only.",
  columns: {
    number: "Order",
    store: "Store",
    at: "When",
    buyer: "Buyer",
    accounts: "Account (masked)",
    until: "The whole account until",
    state: "State",
  },
  while_open: "until it is over",
  open: "Under way: can't be erased yet",
  over: "Over",
  erased: "Erased",
  none: "none",
  reason: "Reason",
  reason_hint: "It goes on record: asked by letter on 23 November, say. No personal data in it.",
  reason_rule: "Give a reason, two characters at least",
  export: {
    title: "Export personal data of {{count}} orders",
    about:
      "Makes a file for that person, with the account in whole. Send it in a way you trust, then delete it.",
    verb: "Export",
    done: "The file is made",
    none: "There is nothing to export with the orders you chose.",
  },
  erase: {
    title: "Erase personal data of {{count}} orders",
    about:
      "The buyer's name, the account and its masks are gone for good, whatever the platform tells again. Numbers, amounts and the audit trail stay for the books; they don't say who it was. It can't be undone.",
    verb: "Erase",
    done_one: "Erased with one order",
    done_other: "Erased with {{count}} orders",
    left: "Under way, and left as they are: {{numbers}}",
    none: "Nothing can be erased with the orders you chose: it was already, or they aren't over.",
  },
  kept: {
    title: "What is kept of buyers, and until when",
    not: "Addresses, phone numbers and messages are never kept. Notes on the desk are written by colleagues: no personal data belongs there.",
    what: "What",
    until: "Deleted by itself",
    erased: "When they ask",
    buyer: {
      what: "The buyer's name: a mask or code of the platform's, or as written on an order by hand, phones and e-mail masked",
      until: "no; it stays with the order",
      erased: "can be erased",
    },
    account: {
      what: "The account to be topped up, sealed",
      until: "once the order is over, 30 days after it was first seen",
      erased: "can be erased once the order is over",
    },
    mask: {
      what: "A mask of that account",
      until: "no; statements are matched by it",
      erased: "can be erased once the order is over",
    },
    reveal: {
      what: "For whom a card was looked at",
      until: "no: it is the security trail",
      erased: "is in the export; not erased",
    },
    order: {
      what: "Number, goods, amount, time",
      until: "no: the books need them",
      erased: "not erased; nobody is named in it",
    },
  },
} satisfies English<typeof zh>;
