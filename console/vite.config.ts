import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { guides } from "./guides.ts";

// kashu/entry/console.py writes each answer's own nonce in its place.
const NONCE = "KASHU-NONCE";
// Somebody who works on a page can have a build of their own beside the one that is served.
const INTO = process.env.KASHU_CONSOLE_DIST ?? "../kashu/entry/console_dist";

/** Compress what is built, once, so that the server only chooses. */
function compressed(): Plugin {
  const brotli = promisify(brotliCompress);
  const gzipped = promisify(gzip);
  return {
    name: "kashu-compressed",
    apply: "build",
    async writeBundle() {
      const folder = join(resolve(import.meta.dirname, INTO), "assets");
      const names = (await readdir(folder)).filter((name) => /\.(js|css|svg)$/.test(name));
      await Promise.all(
        names.map(async (name) => {
          const content = await readFile(join(folder, name));
          const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
          await writeFile(join(folder, `${name}.br`), await brotli(content, { params }));
          await writeFile(join(folder, `${name}.gz`), await gzipped(content, { level: 9 }));
        }),
      );
    },
  };
}

export default defineConfig({
  base: "/console/",
  plugins: [react(), guides(), compressed()],
  html: { cspNonce: NONCE },
  resolve: { alias: { "@": join(import.meta.dirname, "src") } },
  build: {
    outDir: INTO,
    emptyOutDir: true,
    manifest: "manifest.json", // read by tests/tidy/test_console.py
    modulePreload: { polyfill: false },
    target: "es2022",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200, // kB; the budget that counts is in tests/tidy
  },
  // `npm run dev` beside `./run serve`: pages from here, the rest from there.
  server: { proxy: { "/v1": "http://127.0.0.1:8000", "/join": "http://127.0.0.1:8000" } },
});
