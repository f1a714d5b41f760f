import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

import { mockServer } from "./mock/server.ts";

// `npm run dev` talks to a running service when VITASCOPE_SERVER names one, else to the mock.
const server = process.env.VITASCOPE_SERVER;
const proxied = ["/api", "/artwork"];

export default defineConfig({
  plugins: [react(), ...(server ? [] : [mockServer()])],
  server: {
    host: "127.0.0.1",
    port: 5173,
    ...(server
      ? { proxy: Object.fromEntries(proxied.map((path) => [path, { target: server }])) }
      : {}),
  },
  build: {
    target: "es2022",
    sourcemap: false,
    chunkSizeWarningLimit: 760, // the player, loaded only where one watches
  },
  // The limits are alarms for what hangs; how long a test takes depends on the machine.
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
} as Parameters<typeof defineConfig>[0]);
