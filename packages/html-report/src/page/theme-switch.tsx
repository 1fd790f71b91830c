import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

const THEMES = ["system", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];

const KEY = "loom-report-theme";

/** Light, dark, or what the system says. */
export function ThemeSwitch(): JSX.Element {
  const [theme, setTheme] = useState<Theme>(remembered);
  useEffect(() => {
    if (theme === "system") document.documentElement.removeAttribute("data-theme");
    else document.documentElement.dataset["theme"] = theme;
  }, [theme]);
  const choose = (to: Theme): void => {
    setTheme(to);
    try {
      localStorage.setItem(KEY, to);
    } catch {
      // A browser that keeps nothing for files still shows it.
    }
  };
  return (
    <fieldset class="theme">
      <legend class="unseen">Colours</legend>
      {THEMES.map((each) => (
        <label key={each}>
          <input
            type="radio"
            name="theme"
            class="unseen"
            checked={each === theme}
            onChange={() => choose(each)}
          />
          <span>{each}</span>
        </label>
      ))}
    </fieldset>
  );
}

function remembered(): Theme {
  try {
    const kept = localStorage.getItem(KEY);
    return THEMES.find((each) => each === kept) ?? "system";
  } catch {
    return "system";
  }
}
