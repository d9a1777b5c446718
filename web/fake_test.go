package web_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2/memstore"

	"rankloop/handlers"
	"rankloop/ranking"
	"rankloop/web"
)

const password = "a long enough password"

// passwordHash is hashed once: argon2 is slow on purpose.
var passwordHash = sync.OnceValue(func() string {
	hash, err := handlers.HashPassword(password)
	if err != nil {
		panic(err)
	}
	return hash
})

// The people of the tests; only the members judge.
const (
	annotatorID = iota + 1
	memberID
	researcherID
	adminID
	adminMemberID
	disabledID
)

// fakeStore holds what the pages need in memory. It keeps the promises of the interfaces and no more.
type fakeStore struct {
	mu         sync.Mutex
	users      map[int64]ranking.User
	hashes     map[int64]string
	links      map[string]ranking.Link
	pace       ranking.Pace
	noBreaks   bool
	today      time.Time // when the day began that Pace was asked about
	zone       string    // that WorkedHours was asked about
	campaign   ranking.Campaign
	members    map[int64]bool
	tasks      []ranking.Task
	leases     map[string]ranking.Lease
	judgments  map[string]ranking.Judgment // by lease
	skips      map[string]string           // lease → reason
	drafts     map[int64]ranking.Draft     // by task
	questions  []ranking.Question
	talks      map[int64][]ranking.DialogueTurn // by task
	probe      *ranking.Probe                   // what every lease asks
	drawErr    error
	drawn      handlers.SuggestionRequest // the last one
	optedOut   []string
	submitErr  error
	submission ranking.Submission // the last one
	quiz       fakeQuiz
	read       int // the version of the guidelines that everybody has read

	historyQuery  ranking.HistoryQuery // the last one
	fixed         error                // why no judgment can be changed
	revision      ranking.Revision     // the last one
	revisionDraft ranking.Draft
}

func newFakeStore() *fakeStore {
	s := &fakeStore{
		users: map[int64]ranking.User{}, hashes: map[int64]string{}, links: map[string]ranking.Link{},
		members:   map[int64]bool{memberID: true, adminMemberID: true},
		read:      2,
		leases:    map[string]ranking.Lease{},
		judgments: map[string]ranking.Judgment{}, skips: map[string]string{}, drafts: map[int64]ranking.Draft{},
		campaign: ranking.Campaign{
			ID: 1, Name: "helpful", Kind: ranking.KindRanking, State: ranking.CampaignOpen, K: 4, Overlap: 1,
			LeaseSeconds: 1800, GuidelineVersion: 2, Guidelines: "Prefer the **truthful** response.",
		},
	}
	for id, role := range map[int64]ranking.Role{
		annotatorID: ranking.RoleAnnotator, memberID: ranking.RoleAnnotator, researcherID: ranking.RoleResearcher,
		adminID: ranking.RoleAdmin, adminMemberID: ranking.RoleAdmin, disabledID: ranking.RoleAdmin,
	} {
		name := [...]string{annotatorID: "annotator", memberID: "member", researcherID: "researcher", adminID: "admin", adminMemberID: "adminmember", disabledID: "disabled"}[id]
		s.users[id] = ranking.User{ID: id, Email: name + "@example.org", Name: name, Role: role, Locale: "en", Pseudonym: "a-" + name, Disabled: id == disabledID}
		s.hashes[id] = passwordHash()
	}
	for i, messages := range fakePrompts {
		task := ranking.Task{ID: int64(i + 1), CampaignID: 1, Overlap: 1, Prompt: ranking.Prompt{
			ID: int64(i + 1), CampaignID: 1, ExternalID: "p" + string(rune('1'+i)), Messages: messages,
		}}
		for j, text := range fakeResponses {
			task.Responses = append(task.Responses, ranking.Response{ID: int64(10*(i+1) + j + 1), Text: text, Model: "secret-model"})
		}
		s.tasks = append(s.tasks, task)
	}
	return s
}

var fakePrompts = [][]ranking.Message{
	{{Role: "user", Content: "My sourdough keeps coming out flat. I proof it overnight in the fridge and bake at 230 °C on a tray. What am I doing wrong?"}},
	{
		{Role: "system", Content: "Answer briefly."},
		{Role: "user", Content: "What is a monad?"},
		{Role: "assistant", Content: "A monoid in the category of endofunctors."},
		{Role: "user", Content: "Again, for a Go programmer."},
	},
}

var fakeResponses = []string{
	"Flat loaves from the fridge usually mean one of two things: the dough was **under-fermented before** it went in, or it lost its shape because there was no tension.\n\n1. Let it rise at room temperature until it has grown by half, then chill.\n2. Shape tightly and rest 20 minutes before the final shape.\n3. Bake in a covered pot at 245 °C for the first 20 minutes.",
	"Three likely causes, most likely first:\n\n- **Weak starter.** It should double within 4–6 hours of feeding. Test: a spoonful floats.\n- **Too long a proof.** Overnight at 5 °C is fine for a young dough; an over-proofed one spreads.\n- **No steam.** On an open tray the crust sets before the loaf can spring.\n\nChange one thing at a time; start with the pot.",
	"Sourdough is hard! Try using commercial yeast instead, it is much easier and always rises. You can find it in any shop.",
	"It sounds over-proofed. Shorten the fridge time to 8 hours and bake straight from cold.\n\n```go\nfunc bake(minutes int) error {\n\treturn nil // done\n}\n```\n\n| stage | °C |\n|---|---|\n| proof | 5 |\n| bake | 245 |",
}

var errNotFound = ranking.Errorf(ranking.CodeNotFound, "there is no such page")

func (s *fakeStore) UserByID(_ context.Context, id int64) (ranking.User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	user, ok := s.users[id]
	if !ok {
		return ranking.User{}, errNotFound
	}
	return user, nil
}

func (s *fakeStore) UserByEmail(_ context.Context, email string) (ranking.User, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, user := range s.users {
		if user.Email == email {
			return user, s.hashes[id], nil
		}
	}
	return ranking.User{}, "", errNotFound
}

func (s *fakeStore) SetLocale(_ context.Context, userID int64, locale string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	user := s.users[userID]
	user.Locale = locale
	s.users[userID] = user
	return nil
}

func (s *fakeStore) SetPasswordHash(_ context.Context, userID int64, hash string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hashes[userID] = hash
	user := s.users[userID]
	user.SessionEpoch++
	s.users[userID] = user
	return nil
}

func (s *fakeStore) CampaignByName(_ context.Context, name string) (ranking.Campaign, error) {
	if name != s.campaign.Name {
		return ranking.Campaign{}, errNotFound
	}
	return s.campaign, nil
}

func (s *fakeStore) CampaignByID(context.Context, int64) (ranking.Campaign, error) {
	return s.campaign, nil
}

func (s *fakeStore) IsMember(_ context.Context, _, userID int64) (bool, error) {
	return s.members[userID], nil
}

func (s *fakeStore) Guidelines(_ context.Context, _ int64, version int) (string, error) {
	return "Version " + string(rune('0'+version)), nil
}

func (s *fakeStore) GuidelinesRead(_ context.Context, _, userID int64) (ranking.GuidelinesReading, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return ranking.GuidelinesReading{UserID: userID, Version: s.read, At: time.Now()}, nil
}

func (s *fakeStore) AcknowledgeGuidelines(_ context.Context, _, _ int64, version int) (time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.read = max(s.read, version)
	return time.Now(), nil
}

func (s *fakeStore) Assignments(_ context.Context, userID int64, _ time.Time) ([]ranking.Assignment, error) {
	if !s.members[userID] {
		return nil, nil
	}
	return []ranking.Assignment{{Campaign: s.campaign, Left: 12, Mine: 37, MineToday: 5, MedianActiveMS: 102_000, Next: ranking.NextTask}}, nil
}

func (s *fakeStore) NextStep(context.Context, int64, int64) (ranking.NextStep, error) {
	return ranking.NextTask, nil
}

func (s *fakeStore) FirstSteps(context.Context) (ranking.FirstSteps, error) {
	return ranking.FirstSteps{}, nil
}

func (s *fakeStore) History(_ context.Context, userID int64, query ranking.HistoryQuery) ([]ranking.HistoryRow, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.historyQuery = query
	var rows []ranking.HistoryRow
	for _, j := range s.judgments {
		if j.UserID == userID {
			rows = append(rows, ranking.HistoryRow{
				ID: j.ID, Campaign: s.campaign.Name, Messages: s.tasks[j.TaskID-1].Prompt.Messages, Revision: 1,
				Tiers: j.Tiers, OrderShown: j.OrderShown, ActiveMS: j.ActiveMS, SubmittedAt: time.Now(), Comment: j.Comment,
			})
		}
	}
	return rows, nil
}

func (s *fakeStore) CampaignsOfUser(context.Context, int64) ([]string, error) {
	return []string{s.campaign.Name}, nil
}

func (s *fakeStore) WorkedHours(_ context.Context, _ int64, zone string) ([]ranking.WorkedHours, error) {
	s.zone = zone
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	return []ranking.WorkedHours{{Day: day, Campaign: s.campaign.Name, Judgments: 12, Changes: 1, ActiveMS: 5_400_000}}, nil
}

func (s *fakeStore) NewestJudgment(_ context.Context, _, userID int64) (newest int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, j := range s.judgments {
		if j.UserID == userID {
			newest = max(newest, j.ID)
		}
	}
	if newest == 0 {
		return 0, errNotFound
	}
	return newest, nil
}

func (s *fakeStore) PastJudgment(_ context.Context, id, userID int64) (ranking.PastJudgment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, j := range s.judgments {
		if j.ID == id && j.UserID == userID {
			j.OrderScored = j.OrderShown
			return ranking.PastJudgment{
				Judgment: j, Campaign: s.campaign.Name, Task: s.tasks[j.TaskID-1], Schema: s.campaign.Schema, GuidelineVersion: 2,
				Revisions: []ranking.PastRevision{{JudgmentID: id, Revision: 1, Tiers: j.Tiers}}, Fixed: s.fixed,
			}, nil
		}
	}
	return ranking.PastJudgment{}, errNotFound
}

func (s *fakeStore) PastSkip(_ context.Context, id, _ int64) (ranking.PastSkip, error) {
	for token, reason := range s.skips {
		lease := s.leases[token]
		if lease.TaskID == id {
			return ranking.PastSkip{Campaign: s.campaign.Name, Task: s.tasks[id-1], OrderShown: lease.OrderShown, Reason: reason}, nil
		}
	}
	return ranking.PastSkip{}, errNotFound
}

func (s *fakeStore) Revise(ctx context.Context, in ranking.Revision) (ranking.Judgment, bool, error) {
	past, err := s.PastJudgment(ctx, in.JudgmentID, in.UserID)
	if err == nil {
		err = in.Tiers.Validate(past.Judgment.OrderShown)
	}
	if err != nil {
		return ranking.Judgment{}, false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revision = in
	return ranking.Judgment{ID: in.JudgmentID + 1000, Revision: 2}, false, s.fixed
}

func (s *fakeStore) SaveRevisionDraft(ctx context.Context, judgmentID, userID int64, draft ranking.Draft) (time.Time, error) {
	_, err := s.PastJudgment(ctx, judgmentID, userID)
	s.mu.Lock()
	defer s.mu.Unlock()
	draft.SavedAt = time.Now()
	s.revisionDraft = draft
	return draft.SavedAt, err
}

func (s *fakeStore) RevisionDraft(context.Context, ranking.Judgment) (ranking.Draft, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.revisionDraft, nil
}

func (s *fakeStore) LeaseTask(_ context.Context, _, userID int64) (ranking.Lease, ranking.Task, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.read < s.campaign.GuidelineVersion {
		return ranking.Lease{}, ranking.Task{}, ranking.Errorf(ranking.CodeUnread, "version %d of the guidelines has to be read before the next task", s.campaign.GuidelineVersion)
	}
	if !s.qualified() {
		return ranking.Lease{}, ranking.Task{}, ranking.Errorf(ranking.CodeUnqualified, "the quiz of this campaign has to be passed before the next task")
	}
	for i, task := range s.tasks {
		token := "lease-" + task.Prompt.ExternalID + "-" + strings.Repeat("0", 12)
		if _, done := s.judgments[token]; done || s.skips[token] != "" {
			continue
		}
		var order []int64
		for _, r := range task.Responses {
			order = append(order, r.ID)
		}
		slices.Reverse(order)
		lease := ranking.Lease{
			ID: int64(i + 1), Token: token, UserID: userID, TaskID: task.ID, OrderShown: order, OrderScored: order,
			ExpiresAt: time.Now().Add(30 * time.Minute), SchemaVersion: 1, Schema: s.campaign.Schema,
			GuidelineVersion: 2, Probe: s.probe,
		}
		s.leases[token] = lease
		return lease, task, nil
	}
	return ranking.Lease{}, ranking.Task{}, errNotFound
}

func (s *fakeStore) LeasedTask(_ context.Context, token string, userID int64) (ranking.Lease, ranking.Task, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lease, ok := s.leases[token]
	if !ok || lease.UserID != userID {
		return ranking.Lease{}, ranking.Task{}, errNotFound
	}
	return lease, s.tasks[lease.TaskID-1], nil
}

func (s *fakeStore) LeaseAhead(ctx context.Context, token string, userID int64) (ranking.Lease, ranking.Task, error) {
	lease, _, err := s.LeasedTask(ctx, token, userID)
	if err != nil {
		return ranking.Lease{}, ranking.Task{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if lease.TaskID == int64(len(s.tasks)) {
		return ranking.Lease{}, ranking.Task{}, errNotFound
	}
	task := s.tasks[lease.TaskID]
	lease.ID, lease.TaskID, lease.Token = task.ID, task.ID, "lease-"+task.Prompt.ExternalID+"-"+strings.Repeat("0", 12)
	lease.OrderShown = nil
	for _, r := range task.Responses {
		lease.OrderShown = append(lease.OrderShown, r.ID)
	}
	lease.OrderScored = lease.OrderShown
	s.leases[lease.Token] = lease
	return lease, task, nil
}

func (s *fakeStore) BeginAhead(ctx context.Context, token string, userID int64) (bool, error) {
	_, _, err := s.LeasedTask(ctx, token, userID)
	return err == nil, nil
}

func (s *fakeStore) RenewLease(ctx context.Context, token string, userID int64) (time.Time, error) {
	_, _, err := s.LeasedTask(ctx, token, userID)
	return time.Now().Add(30 * time.Minute), err
}

func (s *fakeStore) ReleaseLease(ctx context.Context, token string, userID int64) error {
	_, _, err := s.LeasedTask(ctx, token, userID)
	return err
}

func (s *fakeStore) Submit(ctx context.Context, in ranking.Submission) (ranking.Judgment, bool, error) {
	lease, task, err := s.LeasedTask(ctx, in.LeaseToken, in.UserID)
	if err != nil {
		return ranking.Judgment{}, false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.submitErr != nil {
		return ranking.Judgment{}, false, s.submitErr
	}
	if j, ok := s.judgments[in.LeaseToken]; ok {
		return j, true, nil
	}
	if err := in.Tiers.Validate(lease.OrderShown); err != nil {
		return ranking.Judgment{}, false, err
	}
	if err := in.CheckKind(s.campaign.Kind); err != nil {
		return ranking.Judgment{}, false, err
	}
	if err := in.Answers.Complete(s.campaign.Schema, lease.OrderShown); err != nil {
		return ranking.Judgment{}, false, err
	}
	s.submission = in
	j := ranking.Judgment{ID: int64(len(s.judgments) + 1), TaskID: task.ID, UserID: in.UserID, Tiers: in.Tiers, OrderShown: lease.OrderShown, ActiveMS: in.ActiveMS, Comment: in.Comment}
	s.judgments[in.LeaseToken] = j
	return j, false, nil
}

func (s *fakeStore) SaveDraft(ctx context.Context, token string, userID int64, draft ranking.Draft) (time.Time, error) {
	lease, _, err := s.LeasedTask(ctx, token, userID)
	if err != nil {
		return time.Time{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	draft.SavedAt = time.Now()
	s.drafts[lease.TaskID] = draft
	return draft.SavedAt, draft.Answers.Check(s.campaign.Schema, lease.OrderShown)
}

func (s *fakeStore) Draft(_ context.Context, taskID, _ int64) (ranking.Draft, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.drafts[taskID], nil
}

func (s *fakeStore) Ask(ctx context.Context, token string, userID int64, text string) error {
	lease, _, err := s.LeasedTask(ctx, token, userID)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if text == "" {
		return ranking.Errorf(ranking.CodeInvalid, "please write what you want to ask")
	}
	s.questions = append(s.questions, ranking.Question{ID: 1, TaskID: lease.TaskID, Kind: ranking.KindQuestion, Text: text})
	return nil
}

func (s *fakeStore) MyQuestions(_ context.Context, _, taskID int64, _ int) (mine []ranking.Question, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, q := range s.questions {
		if taskID == 0 || q.TaskID == taskID {
			mine = append(mine, q)
		}
	}
	return mine, nil
}

func (s *fakeStore) UnreadAnswers(context.Context, int64) (int, error) { return 0, nil }

func (s *fakeStore) ReadAnswers(context.Context, int64) error { return nil }

func (s *fakeStore) Pace(_ context.Context, _, _ int64, today time.Time, current time.Duration) (ranking.Pace, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.today = today
	return s.pace, nil
}

func (s *fakeStore) SuggestsBreaks(context.Context, int64) (bool, error) { return !s.noBreaks, nil }

func (s *fakeStore) SetSuggestsBreaks(_ context.Context, _ int64, wants bool) error {
	s.noBreaks = !wants
	return nil
}

func (s *fakeStore) OptOuts(context.Context, int64) ([]string, error) { return s.optedOut, nil }

func (s *fakeStore) SetOptOuts(_ context.Context, _ int64, categories []string) error {
	s.optedOut = categories
	return nil
}

func (s *fakeStore) Skip(ctx context.Context, token string, userID int64, reason string) error {
	if _, _, err := s.LeasedTask(ctx, token, userID); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.skips[token] = reason
	return nil
}

func (s *fakeStore) PeekLink(_ context.Context, token string) (ranking.Link, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	link, ok := s.links[token]
	if !ok {
		return ranking.Link{}, ranking.Errorf(ranking.CodeExpired, "this link has been used or has expired")
	}
	return link, nil
}

func (s *fakeStore) redeem(token string, user ranking.User) (ranking.User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.links[token]; !ok {
		return ranking.User{}, ranking.Errorf(ranking.CodeExpired, "this link has been used or has expired")
	}
	delete(s.links, token)
	if user.ID == 0 {
		user.ID = int64(100 + len(s.users))
	}
	s.users[user.ID] = user
	return user, nil
}

func (s *fakeStore) RedeemFirstAdmin(_ context.Context, token string, u ranking.NewUser) (ranking.User, error) {
	return s.redeem(token, ranking.User{Email: u.Email, Name: u.Name, Role: ranking.RoleAdmin, Locale: u.Locale})
}

func (s *fakeStore) RedeemSignIn(ctx context.Context, token string) (ranking.User, error) {
	user, err := s.UserByID(ctx, memberID)
	if err != nil {
		return user, err
	}
	return s.redeem(token, user)
}

func (s *fakeStore) RedeemInvitation(_ context.Context, token string, u ranking.NewUser) (ranking.User, error) {
	return s.redeem(token, ranking.User{Email: u.Email, Name: u.Name, Role: ranking.RoleAnnotator, Locale: u.Locale})
}

func (s *fakeStore) RedeemInvitationAs(ctx context.Context, token string, userID int64) (ranking.User, error) {
	user, err := s.UserByID(ctx, userID)
	if err != nil {
		return user, err
	}
	return s.redeem(token, user)
}

// fakeHealth can be taken away.
type fakeHealth struct{ down bool }

func (h *fakeHealth) Available() bool { return !h.down }

func (h *fakeHealth) Ready(context.Context) error {
	if h.down {
		return errors.New("down")
	}
	return nil
}

// newServer assembles the server over fakes.
func newServer() (*web.Server, *fakeStore, *fakeHealth) {
	store, health := newFakeStore(), &fakeHealth{}
	return web.New(web.Deps{Store: store, Sessions: memstore.New(), Health: health}, web.Config{}), store, health
}
