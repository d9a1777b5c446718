package handlers

import (
	"context"
	"encoding/hex"
	"net/url"

	"github.com/labstack/echo/v4"

	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views"
)

// RunDataSave answers POST /new/run/data?kind=&preset=&base= with a file to learn from: it is kept for a day, and the form
// of the run comes back with it. The launch copies what it takes.
func RunDataSave(store runStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		name, sha256, err := receiveUpload(c, store)
		if err = FromRouter(err); err != nil && shownBeside(err) {
			form, formErr := runForm(c, store, c.QueryParam)
			if formErr != nil {
				return formErr
			}
			form.Errors["file"] = i18n.Error(c.Request().Context(), err)
			return Render(c, ErrorStatus(err), views.RunFormPage(form))
		}
		if err != nil {
			return err
		}
		form := url.Values{"data": {sha256}, "file": {name}}
		for _, field := range []string{"kind", "preset", "base"} {
			form.Set(field, truncate(c.QueryParam(field), fileNameMax))
		}
		return redirect(c, "/new/run?"+form.Encode())
	}
}

// runFile puts the file that was sent into the form, and says so where it is gone.
func runFile(ctx context.Context, store runStore, form *views.RunFormData, sha256, name string) error {
	form.DataBytesMax = UploadBytesMax
	if sha256 == "" || !views.TakesFile(form.Kind) {
		return nil
	}
	err := error(ranking.Errorf(ranking.CodeExpired, "the uploaded file is no longer here; please send it again"))
	var bytes int64
	if raw, broken := hex.DecodeString(sha256); broken == nil && len(raw) == 32 {
		bytes, err = store.UploadBytes(ctx, CurrentUser(ctx).ID, sha256)
	}
	if ranking.ErrorCode(err) == ranking.CodeExpired {
		note(ctx, form.Errors, "file", err)
		return nil
	}
	form.Data, form.File, form.DataBytes = sha256, uploadName(name), bytes
	return err
}
