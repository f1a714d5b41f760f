/** Which system a browser runs on, as far as it says, so that its own steps come first. */

export const SYSTEMS = ["android", "ios", "macos", "windows", "linux", "firefox", "television"] as const;
export type System = (typeof SYSTEMS)[number];

/** Firefox keeps certificates of its own on computers; on Android it is set to use the system's. */
export function systemOf(agent: string, touchPoints = 0): System {
  if (/SMART-TV|SmartTV|Tizen|Web0S|WebOS|NetCast|HbbTV|BRAVIA|AppleTV|Android TV|GoogleTV|AFT[A-Z]/i.test(agent)) return "television";
  if (/Android/i.test(agent)) return "android";
  if (/iPhone|iPad|iPod/i.test(agent) || (/Macintosh/.test(agent) && touchPoints > 1)) return "ios";
  if (/Firefox\//.test(agent)) return "firefox";
  if (/Macintosh/.test(agent)) return "macos";
  if (/Windows/.test(agent)) return "windows";
  return "linux";
}
