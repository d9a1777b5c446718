// What every page runs: the theme switch without a page load, and moments in the reader's time zone.
import { switchThemeInPlace } from "./theme.js";
import { localizeTimes } from "./times.js";

switchThemeInPlace(document);
localizeTimes(document);
