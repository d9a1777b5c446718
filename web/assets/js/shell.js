// What every page runs: the theme switch without a page load, moments in the reader's time zone, the focus of a dialog
// that opens, what waits to be sent, and the time zone.
import { focusDialogs } from "./dialogs.js";
import { switchThemeInPlace } from "./theme.js";
import { localizeTimes } from "./times.js";
import { sendUnsent } from "./unsent.js";
import { tellZone } from "./zone.js";

switchThemeInPlace(document);
localizeTimes(document);
focusDialogs(document);
sendUnsent();
tellZone();
