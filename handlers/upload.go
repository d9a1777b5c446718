package handlers

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views"
)

// UploadBytesMax is the largest file a browser may send; the limits on what is in it hold after decompression.
const UploadBytesMax = 256 << 20

const (
	previewPrompts  = 3   // shown as they would look
	previewBadLines = 200 // listed
	fileNameMax     = 120 // characters
)

// uploadSaver takes files in.
type uploadSaver interface {
	// SaveUpload keeps a file for a user, for a day, under the hash of its content.
	SaveUpload(ctx context.Context, userID int64, file io.Reader) (sha256 string, err error)
}

// uploadStore keeps uploaded files between preview and confirmation, and reads them.
type uploadStore interface {
	campaignStore
	uploadSaver
	// PreviewUpload reads an upload as an import into the campaign would, and stores nothing. CodeExpired when the
	// file is gone; name is what messages call it, and its ending tells the format. A fault of the whole file is an
	// error, bad lines are part of the preview.
	PreviewUpload(ctx context.Context, userID int64, campaign ranking.Campaign, name, sha256 string) (UploadPreview, error)
	// ImportUpload reads the upload afresh and stores all of it or nothing, then forgets the file.
	ImportUpload(ctx context.Context, userID int64, campaign ranking.Campaign, name, sha256 string) (UploadPreview, error)
	DropUpload(ctx context.Context, userID int64, sha256 string) error
}

// UploadPreview says what an import would bring or has brought.
type UploadPreview struct {
	Lines, PromptsAdded, PromptsDuplicate, ResponsesAdded int
	ResponsesToGenerate, TasksWaiting                     int
	Bad                                                   []ranking.Detail
	First                                                 []ranking.PromptInputLine // of the good lines
}

// UploadNew answers GET /campaigns/:name/upload.
func UploadNew(store uploadStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		campaign, err := campaignOfPath(c, store)
		if err != nil {
			return err
		}
		return renderUpload(c, store, campaign, http.StatusOK, nil)
	}
}

// UploadSave answers POST /campaigns/:name/upload: it keeps the file and leads to the preview. Nothing is imported.
func UploadSave(store uploadStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		campaign, err := campaignOfPath(c, store)
		if err != nil {
			return err
		}
		name, sha256, err := receiveUpload(c, store)
		if err = FromRouter(err); err != nil && shownBeside(err) {
			return renderUpload(c, store, campaign, ErrorStatus(err), err)
		}
		if err != nil {
			return err
		}
		return redirect(c, views.CampaignPath(campaign.Name)+"/uploads/"+sha256+"?file="+url.QueryEscape(name))
	}
}

// receiveUpload streams the form's file into the store, without a copy in memory or in a folder of the system.
func receiveUpload(c echo.Context, store uploadSaver) (name, sha256 string, err error) {
	absent := ranking.Errorf(ranking.CodeInvalid, "choose a file first")
	parts, err := c.Request().MultipartReader()
	if err != nil {
		return "", "", absent.WithCause(err)
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return "", "", absent
		}
		if err != nil {
			return "", "", uploadBroken(err)
		}
		if part.FormName() != "file" || part.FileName() == "" {
			continue
		}
		sha256, err := store.SaveUpload(c.Request().Context(), CurrentUser(c.Request().Context()).ID, part)
		return uploadName(part.FileName()), sha256, uploadBroken(err)
	}
}

// uploadBroken names a body that broke off; a body over the limit and what the store says pass through.
func uploadBroken(err error) error {
	if err == nil || FromRouter(err) != err || ranking.ErrorCode(err) != ranking.CodeInternal {
		return err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(err.Error(), "multipart") {
		return ranking.Errorf(ranking.CodeInvalid, "the upload broke off; please send the file again").WithCause(err)
	}
	return err
}

// uploadName is the file's own name, made safe to show; its ending tells the format.
func uploadName(sent string) string {
	name := path.Base(strings.ReplaceAll(sent, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return -1 // control characters, and those that turn text around
		}
		return r
	}, name)
	if n := utf8.RuneCountInString(name); n > fileNameMax {
		name = string([]rune(name)[n-fileNameMax:]) // the ending matters
	}
	return name
}

func renderUpload(c echo.Context, store uploadStore, campaign ranking.Campaign, status int, cause error) error {
	ctx := c.Request().Context()
	names, err := writers(ctx, store)
	if err != nil {
		return err
	}
	page := views.UploadData{Campaign: campaign, Writes: slices.Contains(names, campaign.GenerateFrom), BytesMax: UploadBytesMax}
	if cause != nil {
		page.Error = i18n.Error(ctx, cause)
		page.Details, page.DetailsAll = firstDetails(details(cause))
	}
	return Render(c, status, views.UploadPage(page))
}

// details are the bad places that an error names.
func details(err error) []ranking.Detail {
	var e *ranking.Error
	if errors.As(err, &e) {
		return e.Details
	}
	return nil
}

func firstDetails(all []ranking.Detail) (first []ranking.Detail, n int) {
	return all[:min(len(all), previewBadLines)], len(all)
}
