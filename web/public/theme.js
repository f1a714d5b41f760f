// Before the first paint, so that a light page never flashes in a dark room. See src/look/theme.ts.
try {
  const theme = localStorage.getItem("vita.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Then the device's own choice holds.
}
