import type { English } from "./english";
import type zh from "./sign-in.zh";

export default {
  title: "Sign in",
  shop: "Shop code",
  login: "Login",
  password: "Password",
  enter: "Sign in",
  hint: "New here? Open the one-time link that the owner sent you, and set a password first.",
  passkey: "Sign in with a passkey",
  second: {
    title: "One more step",
    code: "The 6 digits in your authenticator",
    code_hint: "Open the authenticator on your phone and type what it shows now.",
    recovery: "Recovery code",
    recovery_hint: "One of those you kept when you set this up; each works once.",
    enter: "Go on",
    passkey: "Use a passkey",
    by_recovery: "Phone not at hand? Use a recovery code",
    by_code: "Use the authenticator",
    back: "Back to the password",
  },
} satisfies English<typeof zh>;
