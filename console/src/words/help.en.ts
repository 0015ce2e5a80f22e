import type { English } from "./english";
import type zh from "./help.zh";

export default {
  title: "Help",
  about: "Installed with the program; needs no network",
  search: "Search the help",
  search_hint: "What you want to do, or what you met: refund, short, statement …",
  found: "{{count}} found",
  nothing: "Nothing found",
  nothing_hint: "Say it differently, or with fewer words.",
  all: "All help",
  english: "English",
  only_english: "In English only",
  shelves: {
    daily: "The day's work",
    connect: "Connect platforms and suppliers",
    concepts: "How things work",
    develop: "For developers",
  },
} satisfies English<typeof zh>;
