package handlers

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"rankloop/ranking"
	"rankloop/views"
	"rankloop/views/content/diff"
)

type guidelinesStore interface {
	CampaignByName(ctx context.Context, name string) (ranking.Campaign, error)
	Guidelines(ctx context.Context, campaignID int64, version int) (string, error)
	IsMember(ctx context.Context, campaignID, userID int64) (bool, error)
	// GuidelinesRead is the newest version that the user has said to have read; the zero reading where there is none.
	GuidelinesRead(ctx context.Context, campaignID, userID int64) (ranking.GuidelinesReading, error)
	// AcknowledgeGuidelines fails with CodeNotFound for a version that does not exist.
	AcknowledgeGuidelines(ctx context.Context, campaignID, userID int64, version int) (time.Time, error)
	// NextStep is what comes before the next task of a member, if anything.
	NextStep(ctx context.Context, campaignID, userID int64) (ranking.NextStep, error)
}

// linesAround is how many unchanged lines are shown before and after a change.
const linesAround = 1

// GuidelinesShow answers GET /campaigns/:name/guidelines, the newest version or ?version=n. Of the newest version a
// member sees what changed since they read one, and says that they have read it.
func GuidelinesShow(store guidelinesStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		campaign, err := store.CampaignByName(ctx, c.Param("name"))
		if err != nil {
			return err
		}
		member, err := store.IsMember(ctx, campaign.ID, CurrentUser(ctx).ID)
		if err != nil {
			return err
		}
		version, text := campaign.GuidelineVersion, campaign.Guidelines
		if asked, err := strconv.Atoi(c.QueryParam("version")); err == nil && asked != version {
			if asked < 1 || asked > campaign.GuidelineVersion {
				return ranking.Errorf(ranking.CodeNotFound, "there is no version %d of these guidelines", asked)
			}
			version = asked
			if text, err = store.Guidelines(ctx, campaign.ID, asked); err != nil {
				return err
			}
		}
		page := views.GuidelinesData{
			Campaign: campaign.Name, Kind: campaign.Kind, Version: version, Newest: campaign.GuidelineVersion,
			HTML: views.Markdown(text), Empty: text == "", MayRank: member && campaign.State == ranking.CampaignOpen,
		}
		if page.MayRank {
			if page.Next, err = store.NextStep(ctx, campaign.ID, CurrentUser(ctx).ID); err != nil {
				return err
			}
		}
		if member && version == campaign.GuidelineVersion && text != "" {
			if err := askToRead(ctx, store, campaign, &page); err != nil {
				return err
			}
		}
		return Render(c, http.StatusOK, views.GuidelinesPage(page))
	}
}

// askToRead adds what a member has still to do about the newest version.
func askToRead(ctx context.Context, store guidelinesStore, campaign ranking.Campaign, page *views.GuidelinesData) error {
	read, err := store.GuidelinesRead(ctx, campaign.ID, CurrentUser(ctx).ID)
	if err != nil {
		return err
	}
	page.Read, page.ReadAt = read.Version, read.At
	if page.Unread() && read.Version > 0 {
		before, err := store.Guidelines(ctx, campaign.ID, read.Version)
		if err != nil {
			return err
		}
		page.Changes = diff.Changes(before, campaign.Guidelines, linesAround)
	}
	return nil
}

// GuidelinesAcknowledge answers POST /campaigns/:name/guidelines/acknowledge, the form below the text, and leads on to
// the next task. Where yet another version came meanwhile, that one is met there.
func GuidelinesAcknowledge(store guidelinesStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		campaign := campaignFrom(ctx)
		version, err := strconv.Atoi(c.FormValue("version"))
		if err != nil || version < 1 || version > campaign.GuidelineVersion {
			return ranking.Errorf(ranking.CodeNotFound, "there is no version %d of these guidelines", version)
		}
		if _, err := store.AcknowledgeGuidelines(ctx, campaign.ID, CurrentUser(ctx).ID, version); err != nil {
			return err
		}
		return redirect(c, rankPath(campaign.Name))
	}
}

// guidelinesJSON are the newest guidelines for a program, with the newest version that its user has read.
type guidelinesJSON struct {
	Version int    `json:"version"`
	Text    string `json:"text"`
	Read    int    `json:"read"` // 0 for none
}

// GuidelinesJSON answers GET /api/campaigns/:name/guidelines.
func GuidelinesJSON(store guidelinesStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		campaign, err := store.CampaignByName(ctx, c.Param("name"))
		if err != nil {
			return err
		}
		read, err := store.GuidelinesRead(ctx, campaign.ID, CurrentUser(ctx).ID)
		if err != nil {
			return err
		}
		c.Response().Header().Set("Cache-Control", "no-store")
		return c.JSON(http.StatusOK, guidelinesJSON{campaign.GuidelineVersion, campaign.Guidelines, read.Version})
	}
}

// GuidelinesAcknowledgeJSON answers POST /api/campaigns/:name/guidelines/acknowledge: {"version": n}.
func GuidelinesAcknowledgeJSON(store guidelinesStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		campaign := campaignFrom(ctx)
		var in struct {
			Version int `json:"version"`
		}
		if err := bindJSON(c, &in); err != nil {
			return err
		}
		if in.Version < 1 || in.Version > campaign.GuidelineVersion {
			return ranking.Errorf(ranking.CodeNotFound, "there is no version %d of these guidelines", in.Version)
		}
		at, err := store.AcknowledgeGuidelines(ctx, campaign.ID, CurrentUser(ctx).ID, in.Version)
		if err != nil {
			return err
		}
		return c.JSON(http.StatusOK, map[string]any{"version": in.Version, "read_at": at})
	}
}
