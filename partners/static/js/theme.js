// Loaded before the first paint, so a remembered theme does not flash. Everything else is in app.js.
"use strict";
try {
  const theme = localStorage.getItem("prm.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is switched off in this browser: the system's theme stands.
}
