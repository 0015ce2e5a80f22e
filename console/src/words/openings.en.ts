import type { English } from "./english";
import type zh from "./openings.zh";

export default {
  title: "Opening balances",
  about: "Money with suppliers, platforms and customers before you used Kashu",
  post: "Enter opening balances",
  post_verb: "Post",
  post_about:
    "Bring over what stood on the day you began, once: a name is never posted twice. What is posted can't be changed; take a mistake back with an amount below 0, under another name. Stock comes in by import.",
  posted: "Opening balances posted",
  posted_before: "Balances of that name were posted before; nothing was posted twice",
  none: "No opening balances yet",
  none_hint:
    "Where a supplier holds a deposit of yours, or a platform or customer hasn't settled, bring it over here, or accounts won't agree.",
  owner_posts: "The shop's owner enters them.",
  seen_in: "They stand against the account “opening”; see the",
  trial_balance: "trial balance",
  name: "Name",
  of: "Which balances",
  name_hint: "Such as 2026-11 opening.",
  on: "Posted on",
  on_hint: "Today where nothing is given.",
  at: "Posted at",
  balances: "Balances",
  count: "Balances",
  kind: "What money",
  owner: "Whose",
  amount: "Amount",
  amount_rule: "An amount, such as 1250.00; below 0 to take one back.",
  twice: "The same owner twice: add the two up.",
  more: "One more",
  remove: "Remove this row",
  kinds: {
    supplier_prepaid: "Prepaid with a supplier",
    supplier_owed: "Owed to a supplier",
    store_receivable: "Owed by a platform for a store",
    customer_owes: "Owed by a customer",
    customer_balance: "A customer's balance with us",
  },
} satisfies English<typeof zh>;
