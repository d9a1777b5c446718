package handlers

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views"
)

// Limits on what comes with a ranking.
const (
	responsesMax         = 16
	commentCharactersMax = 5000
	activeMax            = 24 * time.Hour
	clockSkewMax         = 5 * time.Minute
)

// rankPrefix leads the form fields of the ranks: rank_<response id>=<1..K>.
const rankPrefix = "rank_"

// saveRanking checks a submission and stores it: the one way in for the form and for the JSON API.
func saveRanking(ctx context.Context, store rankingStore, s ranking.Submission) (ranking.Judgment, bool, error) {
	s.Comment = strings.TrimSpace(s.Comment)
	if err := checkText("comment", s.Comment, commentCharactersMax); err != nil {
		return ranking.Judgment{}, false, err
	}
	if s.ActiveMS < 0 || s.ActiveMS > activeMax.Milliseconds() {
		return ranking.Judgment{}, false, ranking.Errorf(ranking.CodeInvalid, "the active time must lie between 0 and %d hours", int(activeMax.Hours()))
	}
	now := time.Now()
	if s.StartedAt.IsZero() {
		s.StartedAt = now.Add(-time.Duration(s.ActiveMS) * time.Millisecond)
	}
	if s.StartedAt.After(now.Add(clockSkewMax)) {
		return ranking.Judgment{}, false, ranking.Errorf(ranking.CodeInvalid, "the start of the task lies in the future")
	}
	if s.StartedAt.After(now) {
		s.StartedAt = now
	}
	responses := 0
	for _, tier := range s.Tiers {
		responses += len(tier)
	}
	if responses > responsesMax || len(s.Tiers) > responsesMax {
		return ranking.Judgment{}, false, ranking.Errorf(ranking.CodeInvalid, "a ranking has at most %d responses", responsesMax)
	}
	return store.Submit(ctx, s)
}

// RankingSave answers POST /leases/:token/submit, the form of the board, and leads to the next task. An incomplete
// ranking comes back with what was chosen.
func RankingSave(store rankingStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		token, err := leaseToken(c)
		if err != nil {
			return err
		}
		form, err := c.FormParams()
		if err != nil {
			return err
		}
		submission, err := submissionFromForm(ctx, store, form, token)
		if err == nil {
			_, _, err = saveRanking(ctx, store, submission)
		}
		if ranking.ErrorCode(err) == ranking.CodeInvalid {
			return showAgain(c, store, form, token, err)
		}
		if err != nil {
			return err
		}
		return redirect(c, rankPath(form.Get("campaign")))
	}
}

// rankPath is the page of the campaign's next task; a name that cannot be one leads home.
func rankPath(campaign string) string {
	if campaign == "" || strings.ContainsAny(campaign, "/\\?#\r\n") {
		return "/"
	}
	return "/campaigns/" + url.PathEscape(campaign) + "/rank"
}

func submissionFromForm(ctx context.Context, store rankingStore, form url.Values, token string) (ranking.Submission, error) {
	s := ranking.Submission{LeaseToken: token, UserID: CurrentUser(ctx).ID, Comment: form.Get("comment")}
	s.StartedAt, _ = time.Parse(time.RFC3339Nano, form.Get("started_at"))
	// Without scripts nobody measured the active time: the time since the page was shown stands in.
	if activeMS, err := strconv.ParseInt(form.Get("active_ms"), 10, 64); err == nil {
		s.ActiveMS = activeMS
	} else if !s.StartedAt.IsZero() {
		s.ActiveMS = min(max(time.Since(s.StartedAt), 0), activeMax).Milliseconds()
	}
	if form.Get("kept_as_shown") == "" {
		var err error
		s.Tiers, err = tiersFromForm(form)
		return s, err
	}
	s.KeptAsShown = true
	lease, _, err := store.LeasedTask(ctx, token, s.UserID)
	for _, id := range lease.OrderShown {
		s.Tiers = append(s.Tiers, []int64{id})
	}
	return s, err
}

// tiersFromForm groups the responses of rank_<id>=<rank> fields by rank. Gaps between ranks mean nothing.
func tiersFromForm(form url.Values) (ranking.Tiers, error) {
	chosen, err := ranksFromForm(form)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, 0, len(chosen))
	for id := range chosen {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	ranks := make([]int, len(ids))
	for i, id := range ids {
		ranks[i] = chosen[id]
	}
	return ranking.TiersFromRanks(ids, ranks), nil
}

// ranksFromForm reads the rank_<id> fields: response id → rank, 1 best.
func ranksFromForm(form url.Values) (map[int64]int, error) {
	ranks := map[int64]int{}
	for field, values := range form {
		name, ok := strings.CutPrefix(field, rankPrefix)
		if !ok {
			continue
		}
		id, errID := strconv.ParseInt(name, 10, 64)
		rank, errRank := strconv.Atoi(values[0])
		if errID != nil || errRank != nil || rank < 1 || rank > responsesMax || len(values) != 1 {
			return nil, ranking.Errorf(ranking.CodeInvalid, "a rank is a number from 1 to %d", responsesMax)
		}
		if ranks[id] = rank; len(ranks) > responsesMax {
			return nil, ranking.Errorf(ranking.CodeInvalid, "a ranking has at most %d responses", responsesMax)
		}
	}
	return ranks, nil
}

// showAgain renders the board with what the form had and with what is wrong about it.
func showAgain(c echo.Context, store rankingStore, form url.Values, token string, cause error) error {
	ctx := c.Request().Context()
	lease, task, err := store.LeasedTask(ctx, token, CurrentUser(ctx).ID)
	if err != nil {
		return err
	}
	campaign, err := store.CampaignByID(ctx, task.CampaignID)
	if err != nil {
		return err
	}
	page := rankingData(&campaign, lease, task)
	page.Error = i18n.Error(ctx, cause)
	page.Comment = truncate(form.Get("comment"), 4*commentCharactersMax)
	if started, err := time.Parse(time.RFC3339Nano, form.Get("started_at")); err == nil {
		page.StartedAt = started
	}
	if chosen, err := ranksFromForm(form); err == nil {
		for i := range page.Cards {
			page.Cards[i].Rank = chosen[page.Cards[i].ResponseID]
		}
	}
	return Render(c, http.StatusUnprocessableEntity, views.RankingPage(page))
}

// RankingSaveJSON answers POST /api/leases/:token/submit: 201 for a stored judgment, 200 for a resend.
func RankingSaveJSON(store rankingStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		token, err := leaseToken(c)
		if err != nil {
			return err
		}
		var in struct {
			Tiers       ranking.Tiers `json:"tiers"`
			KeptAsShown bool          `json:"kept_as_shown"`
			ActiveMS    int64         `json:"active_ms"`
			StartedAt   time.Time     `json:"started_at"`
			Comment     string        `json:"comment"`
		}
		if err := bindJSON(c, &in); err != nil {
			return err
		}
		judgment, duplicate, err := saveRanking(ctx, store, ranking.Submission{
			LeaseToken: token, UserID: CurrentUser(ctx).ID, Tiers: in.Tiers, KeptAsShown: in.KeptAsShown,
			Comment: in.Comment, ActiveMS: in.ActiveMS, StartedAt: in.StartedAt,
		})
		if err != nil {
			return err
		}
		if duplicate {
			return c.JSON(http.StatusOK, map[string]any{"judgment": judgment.ID, "duplicate": true})
		}
		return c.JSON(http.StatusCreated, map[string]any{"judgment": judgment.ID})
	}
}
