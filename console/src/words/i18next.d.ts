import "i18next";
import type account from "./account.zh";
import type catalogue from "./catalogue.zh";
import type desk from "./desk.zh";
import type finance from "./finance.zh";
import type home from "./home.zh";
import type orders from "./orders.zh";
import type settings from "./settings.zh";
import type shell from "./shell.zh";
import type signIn from "./sign-in.zh";
import type states from "./states.zh";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "shell";
    // A namespace is a pair of files: words/<name>.zh.ts and words/<name>.en.ts.
    resources: {
      shell: typeof shell;
      states: typeof states;
      "sign-in": typeof signIn;
      account: typeof account;
      desk: typeof desk;
      finance: typeof finance;
      home: typeof home;
      catalogue: typeof catalogue;
      orders: typeof orders;
      settings: typeof settings;
    };
  }
}

declare global {
  /** Every namespace of words there is. */
  type Namespace = keyof import("i18next").CustomTypeOptions["resources"];
}
