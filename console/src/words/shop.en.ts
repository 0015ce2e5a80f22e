import type { English } from "./english";
import type zh from "./shop.zh";

export default {
  title: "Shop",
  about: "Its name and time zone, how people sign in, exchange rates",
  change: "Change name and time zone",
  keep: "Save",
  changed: "Saved",
  shop: "The shop",
  name: "Name",
  code: "Code",
  timezone: "Time zone",
  timezone_hint:
    "Days begin at midnight there. A change counts from now on; what is in the books stays on its day.",
  now: "It is {{at}}",
  second: {
    title: "Roles that must have a second step",
    about:
      "From their next click on, who has none may do nothing but add one. Add your own under My account first.",
    kept: "Saved",
  },
  rates: {
    title: "Exchange rates",
    about: "Offers in a foreign currency are compared by these; without a rate they aren't.",
    costs: "one unit costs ¥{{rate}}",
    none: "None yet. None is needed where everybody asks for yuan.",
    set: "Enter a rate",
    verb: "Save the rate",
    kept: "The rate of {{currency}} is saved",
    currency: "Currency",
    currency_rule: "Three letters, such as USD",
    rate: "What one unit costs in yuan",
    rate_rule: "A number such as 7.1234",
    drop: "Remove",
    drop_ask: "Remove the rate of {{currency}}?",
    drop_about: "Offers in it aren't compared any more.",
    dropped: "The rate of {{currency}} is removed",
  },
  elsewhere: "Elsewhere",
  limits: "Above what orders and refunds by hand need a second person",
  staff: "Staff and roles",
} satisfies English<typeof zh>;
