import "i18next";
import type account from "./account.zh";
import type approvals from "./approvals.zh";
import type audit from "./audit.zh";
import type capital from "./capital.zh";
import type cards from "./cards.zh";
import type catalogue from "./catalogue.zh";
import type cockpit from "./cockpit.zh";
import type connect from "./connect.zh";
import type customers from "./customers.zh";
import type desk from "./desk.zh";
import type finance from "./finance.zh";
import type help from "./help.zh";
import type home from "./home.zh";
import type imports from "./imports.zh";
import type limits from "./limits.zh";
import type listings from "./listings.zh";
import type offers from "./offers.zh";
import type openings from "./openings.zh";
import type orders from "./orders.zh";
import type personal from "./personal.zh";
import type pilot from "./pilot.zh";
import type prepaid from "./prepaid.zh";
import type prices from "./prices.zh";
import type protocols from "./protocols.zh";
import type purchases from "./purchases.zh";
import type reorder from "./reorder.zh";
import type rules from "./rules.zh";
import type settings from "./settings.zh";
import type shell from "./shell.zh";
import type shop from "./shop.zh";
import type signIn from "./sign-in.zh";
import type statements from "./statements.zh";
import type states from "./states.zh";
import type stock from "./stock.zh";
import type stocktakes from "./stocktakes.zh";
import type stores from "./stores.zh";
import type strategies from "./strategies.zh";
import type suppliers from "./suppliers.zh";
import type system from "./system.zh";
import type webhooks from "./webhooks.zh";
import type which from "./which.zh";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "shell";
    // A namespace is a pair of files: words/<name>.zh.ts and words/<name>.en.ts.
    resources: {
      shell: typeof shell;
      states: typeof states;
      "sign-in": typeof signIn;
      account: typeof account;
      approvals: typeof approvals;
      limits: typeof limits;
      capital: typeof capital;
      openings: typeof openings;
      cockpit: typeof cockpit;
      customers: typeof customers;
      desk: typeof desk;
      finance: typeof finance;
      help: typeof help;
      home: typeof home;
      imports: typeof imports;
      cards: typeof cards;
      catalogue: typeof catalogue;
      orders: typeof orders;
      prepaid: typeof prepaid;
      purchases: typeof purchases;
      reorder: typeof reorder;
      rules: typeof rules;
      statements: typeof statements;
      offers: typeof offers;
      prices: typeof prices;
      protocols: typeof protocols;
      suppliers: typeof suppliers;
      settings: typeof settings;
      audit: typeof audit;
      personal: typeof personal;
      shop: typeof shop;
      system: typeof system;
      stock: typeof stock;
      stocktakes: typeof stocktakes;
      strategies: typeof strategies;
      connect: typeof connect;
      listings: typeof listings;
      pilot: typeof pilot;
      stores: typeof stores;
      webhooks: typeof webhooks;
      which: typeof which;
    };
  }
}

declare global {
  /** Every namespace of words there is. */
  type Namespace = keyof import("i18next").CustomTypeOptions["resources"];
}
