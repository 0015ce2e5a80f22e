import "@/theme/trusted";
import "@/theme/console.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { learnWords } from "@/words";
import { App } from "./app";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
await learnWords();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
