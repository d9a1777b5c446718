package handlers

import (
	"net/http"
	"regexp"

	"github.com/labstack/echo/v4"

	"rankloop/ranking"
	"rankloop/views"
)

var sha256Pattern = regexp.MustCompile(`^[0-9a-f]{64}$`)

// uploadOfPath reads which upload is meant.
func uploadOfPath(c echo.Context) (sha256 string, err error) {
	if sha256 = c.Param("sha256"); !sha256Pattern.MatchString(sha256) {
		return "", ranking.Errorf(ranking.CodeNotFound, "there is no such upload")
	}
	return sha256, nil
}

// UploadShow answers GET /campaigns/:name/uploads/:sha256 with what an import would bring.
func UploadShow(store uploadStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		campaign, err := campaignOfPath(c, store)
		if err != nil {
			return err
		}
		sha256, err := uploadOfPath(c)
		if err != nil {
			return err
		}
		name := uploadName(c.QueryParam("file"))
		preview, err := store.PreviewUpload(ctx, CurrentUser(ctx).ID, campaign, name, sha256)
		if err != nil && len(details(err)) > 0 { // it cannot be read at all: here another one can be chosen
			return renderUpload(c, store, campaign, ErrorStatus(err), err)
		}
		if err != nil {
			return err
		}
		return Render(c, http.StatusOK, views.UploadPreviewPage(previewData(campaign, name, sha256, preview)))
	}
}

func previewData(campaign ranking.Campaign, name, sha256 string, p UploadPreview) views.UploadPreviewData {
	page := views.UploadPreviewData{
		Campaign: campaign, File: name, SHA256: sha256, Lines: p.Lines,
		PromptsAdded: p.PromptsAdded, PromptsDuplicate: p.PromptsDuplicate, ResponsesAdded: p.ResponsesAdded,
		ToGenerate: p.ResponsesToGenerate, TasksWaiting: p.TasksWaiting,
	}
	page.Bad, page.BadAll = firstDetails(p.Bad)
	for _, line := range p.First[:min(len(p.First), previewPrompts)] {
		page.Prompts = append(page.Prompts, views.NewPreviewPrompt(line, campaign.Kind.TaskResponses(campaign.K)))
	}
	return page
}

// UploadConfirm answers POST /campaigns/:name/uploads/:sha256: the file goes in whole, or not at all, or is forgotten.
func UploadConfirm(store uploadStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		campaign, err := campaignOfPath(c, store)
		if err != nil {
			return err
		}
		sha256, err := uploadOfPath(c)
		if err != nil {
			return err
		}
		userID, name := CurrentUser(ctx).ID, uploadName(c.FormValue("file"))
		if c.FormValue("do") == "drop" {
			if err := store.DropUpload(ctx, userID, sha256); err != nil {
				return err
			}
			return done(c, campaign.Name, "dropped")
		}
		brought, err := store.ImportUpload(ctx, userID, campaign, name, sha256)
		if err != nil && len(details(err)) > 0 {
			return renderUpload(c, store, campaign, ErrorStatus(err), err)
		}
		if err != nil {
			return err
		}
		err = audit(c, store, "campaign.import", campaign.Name, map[string]any{
			"file": name, "sha256": sha256, "prompts_added": brought.PromptsAdded, "prompts_duplicate": brought.PromptsDuplicate,
		})
		if err != nil {
			return err
		}
		return done(c, campaign.Name, "import")
	}
}
