import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { anonymous, answered, api, refresh } from "./client";
import { Problem } from "./problem";
import { accessToken, currentSession, deviceName, enter, leave } from "./session";
import type { SignedIn } from "./types";

const signedIn = (token: string) =>
  ({
    account: { id: "acc_1" },
    device: { id: "dev_1" },
    profile: null,
    tokens: { access_token: token, expires_in_s: 600, refresh_token: "" },
  }) as unknown as SignedIn;

const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
const problem = (status: number, code: string) => json({ status, code, detail: `It is ${code}.`, request_id: "r1" }, status);

type Answer = (path: string, request: Request) => Response | Promise<Response>;
let asked: { path: string; token: string | null }[] = [];

function service(answer: Answer): void {
  vi.stubGlobal("fetch", async (request: Request) => {
    const path = new URL(request.url).pathname;
    asked.push({ path, token: request.headers.get("Authorization") });
    return answer(path, request);
  });
}

const devices = () => answered(api.GET("/api/devices"));
const plans = () => answered(api.GET("/api/plans"));
const streams = () => answered(api.GET("/api/streams"));

beforeEach(() => {
  asked = [];
  enter(signedIn("old"));
});

afterEach(() => {
  vi.unstubAllGlobals();
  leave();
});

const credentials = { email: "a@example.org", password: "wrong" };

describe("an expired token", () => {
  it("is renewed once for all who wait, and each asks once more", async () => {
    service((path, request) => {
      if (path === "/api/refresh") return json(signedIn("new"));
      const fresh = request.headers.get("Authorization") === "Bearer new";
      return fresh ? json({ fine: true }) : problem(401, "unauthenticated");
    });
    const answers = await Promise.all([devices(), plans(), streams()]);
    expect(answers).toEqual([{ fine: true }, { fine: true }, { fine: true }]);
    expect(asked.filter(({ path }) => path === "/api/refresh")).toHaveLength(1);
    expect(asked).toHaveLength(7);
    expect(accessToken()).toBe("new");
  });

  it("signs out when it cannot be renewed, and says that it was not the viewer's wish", async () => {
    service(() => problem(401, "token-refused"));
    await expect(devices()).rejects.toMatchObject({ status: 401, code: "token-refused" });
    expect(currentSession()).toEqual({ state: "out", ended: true });
    expect(asked.map(({ path }) => path)).toEqual(["/api/devices", "/api/refresh"]);
    await expect(refresh()).resolves.toBe(false);
    expect(currentSession()).toEqual({ state: "out", ended: true });
  });

  it("keeps the session when the service is only down for a moment", async () => {
    service((path) => (path === "/api/refresh" ? problem(503, "unavailable") : problem(401, "unauthenticated")));
    await expect(devices()).rejects.toMatchObject({ status: 503 });
    expect(currentSession().state).toBe("in");
  });

  it("is not sent, nor renewed, for what is asked anonymously", async () => {
    service(() => problem(401, "wrong-credentials"));
    await expect(answered(api.POST("/api/sign-in", { body: credentials, ...anonymous }))).rejects.toMatchObject({ code: "wrong-credentials" });
    expect(asked).toEqual([{ path: "/api/sign-in", token: null }]);
  });
});

describe("a refusal", () => {
  it("carries the service's sentence and its further members", async () => {
    service(() => json({ status: 429, code: "too-many-streams", detail: "Both are taken.", devices: [{ device: "Phone", title: "Sintel", since_ms: 1 }] }, 429));
    const refusal = await devices().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Problem);
    expect(refusal).toMatchObject({ detail: "Both are taken.", devices: [{ device: "Phone" }] });
  });

  it("without a body still has a code", async () => {
    service(() => new Response("<html>", { status: 502 }));
    await expect(devices()).rejects.toMatchObject({ status: 502, code: "http-502", passing: true });
  });

  it("is told apart from no answer at all", async () => {
    service(() => Promise.reject(new TypeError("Failed to fetch")));
    await expect(devices()).rejects.toMatchObject({ offline: true });
  });
});

it("starts with one refresh at most, however many ask", async () => {
  service(() => json(signedIn("first")));
  await Promise.all([refresh(), refresh()]);
  expect(asked).toHaveLength(1);
});

it("names a device so that a person knows it", () => {
  expect(deviceName("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36")).toBe("Chrome on Linux");
  expect(deviceName("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1")).toBe("Safari on iOS");
});
