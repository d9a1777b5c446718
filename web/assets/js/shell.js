// What every page runs: the theme switch without a page load, moments in the reader's time zone, the focus of a dialog
// that opens, and what waits to be sent.
import { focusDialogs } from "./dialogs.js";
import { switchThemeInPlace } from "./theme.js";
import { localizeTimes } from "./times.js";
import { sendUnsent } from "./unsent.js";

switchThemeInPlace(document);
localizeTimes(document);
focusDialogs(document);
sendUnsent();
