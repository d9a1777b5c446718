package simulate

import (
	"context"
	"crypto/rand"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"rankloop/internal/store"
	"rankloop/ranking"
)

// Limits of a simulation.
const (
	MaxAnnotators = 100
	maxAtOnce     = 8 // requests under way: more would only wait for the same database
)

// Options say who judges what, and how.
type Options struct {
	Server      string // its URL
	Campaign    ranking.Campaign
	Truth       Truth
	Annotators  int     // 1 to MaxAnnotators
	Flip        float64 // share of truth-strict pairs to reverse, in [0, 0.5); excludes Temperature
	Temperature float64 // Gumbel noise in standard deviations of the scores
	TieMargin   float64 // scores within it of a tier's best are tied
	Seed        int64
	Progress    func(done, total int) // called after each judgment; may be nil
}

// Report says what came of it. It is the JSON of `rankloop simulate`.
type Report struct {
	Campaign           string   `json:"campaign"`
	Simulated          bool     `json:"simulated"` // true: nothing here was judged by a person
	Server             string   `json:"server"`
	Seed               int64    `json:"seed"`
	Annotators         int      `json:"annotators"`
	Flip               float64  `json:"flip"`
	FlipSolved         *float64 `json:"flip_solved"` // the share reversed at the noise scale found; null without --flip
	Temperature        float64  `json:"temperature"`
	TieMargin          float64  `json:"tie_margin"`
	NoiseScale         float64  `json:"noise_scale"` // of the Gumbel noise, in units of the scores
	JudgmentsSubmitted int      `json:"judgments_submitted"`
	JudgmentsDuplicate int      `json:"judgments_duplicate"`
	TasksTotal         int      `json:"tasks_total"`
	TasksComplete      int      `json:"tasks_complete"`
	TasksWithoutTruth  int      `json:"tasks_without_truth"`
	Comparisons        int      `json:"comparisons"` // of the judgments submitted, strict and tied
	Ties               int      `json:"ties"`
	ComparisonsStrict  int      `json:"comparisons_strict_in_truth"`
	ComparisonsFlipped int      `json:"comparisons_flipped"` // of those: ordered against the truth
	DurationS          float64  `json:"duration_s"`
}

// Accounts makes the annotators' accounts: the store, with a way to set passwords.
type Accounts struct {
	Store        *store.Store
	HashPassword func(password string) (string, error)
}

// Run lets the annotators share the campaign's queue until no task is left for any of them.
func Run(ctx context.Context, accounts Accounts, o Options) (Report, error) {
	started := time.Now()
	if err := o.check(); err != nil {
		return Report{}, err
	}
	known, err := survey(ctx, accounts.Store, o)
	if err != nil {
		return Report{}, err
	}
	report := Report{
		Campaign: o.Campaign.Name, Simulated: true, Server: o.Server, Seed: o.Seed, Annotators: o.Annotators,
		Flip: o.Flip, Temperature: o.Temperature, TieMargin: o.TieMargin, TasksWithoutTruth: known.withoutTruth,
	}
	report.NoiseScale = o.Temperature * known.deviation
	if o.Flip > 0 {
		scale, share := known.flipScale(o.Seed, o.TieMargin, o.Flip)
		report.NoiseScale, report.FlipSolved = scale, &share
	}
	work := &work{
		options: o, plans: known, report: &report,
		judge:  judge{seed: o.Seed, scale: report.NoiseScale, margin: o.TieMargin},
		atOnce: make(chan struct{}, maxAtOnce),
		total:  known.judgmentsLeft(),
	}
	if err := work.run(ctx, accounts); err != nil {
		return report, err
	}
	counts, err := accounts.Store.CampaignCounts(ctx, o.Campaign.ID)
	if err != nil {
		return report, err
	}
	report.TasksTotal, report.TasksComplete = counts.TasksTotal, counts.TasksComplete
	report.DurationS = time.Since(started).Seconds()
	return report, nil
}

func (o *Options) check() error {
	o.Server = strings.TrimSuffix(o.Server, "/")
	if u, err := url.Parse(o.Server); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ranking.Errorf(ranking.CodeInvalid, "the server must be a URL such as http://127.0.0.1:8080, not %q", o.Server)
	}
	switch {
	case o.Annotators < 1 || o.Annotators > MaxAnnotators:
		return ranking.Errorf(ranking.CodeInvalid, "the number of annotators must be 1 to %d, not %d", MaxAnnotators, o.Annotators)
	case !(o.Flip >= 0 && o.Flip < 0.5):
		return ranking.Errorf(ranking.CodeInvalid, "the flip rate must be at least 0 and less than 0.5 (which is pure chance), not %g", o.Flip)
	case !(o.Temperature >= 0) || math.IsInf(o.Temperature, 0):
		return ranking.Errorf(ranking.CodeInvalid, "the temperature must be at least 0, not %g", o.Temperature)
	case !(o.TieMargin >= 0) || math.IsInf(o.TieMargin, 0):
		return ranking.Errorf(ranking.CodeInvalid, "the tie margin must be at least 0, not %g", o.TieMargin)
	case o.Flip > 0 && o.Temperature > 0:
		return ranking.Errorf(ranking.CodeInvalid, "give either a flip rate or a temperature: both set the noise")
	case o.Campaign.Kind == ranking.KindDemonstration:
		return ranking.Errorf(ranking.CodeInvalid, "the campaign %s collects demonstrations: simulated annotators judge, they do not write", o.Campaign.Name)
	case o.Campaign.Kind.Talks():
		return ranking.Errorf(ranking.CodeInvalid, "the campaign %s collects conversations: simulated annotators judge, they do not talk", o.Campaign.Name)
	case o.Campaign.State != ranking.CampaignOpen:
		return ranking.Errorf(ranking.CodeInvalid, "the campaign %s is %s: it hands out no tasks", o.Campaign.Name, string(o.Campaign.State))
	}
	return nil
}

// survey looks every task's truth up.
func survey(ctx context.Context, s *store.Store, o Options) (*plans, error) {
	known := &plans{byTask: make(map[string]*plan)}
	err := s.EachTask(ctx, o.Campaign.ID, func(task ranking.Task) error { return known.add(task, o.Truth) })
	if err != nil {
		return nil, err
	}
	if len(known.ordered) == 0 && known.withoutTruth > 0 {
		return nil, ranking.Errorf(ranking.CodeInvalid,
			"none of the %d tasks of campaign %s has truth: the ids of the truth file must be those of the prompt set", known.withoutTruth, o.Campaign.Name)
	}
	known.measure()
	return known, nil
}

// judgmentsLeft is how many judgments the tasks with truth still want.
func (p *plans) judgmentsLeft() int {
	left := 0
	for _, one := range p.ordered {
		left += max(one.overlap-one.slots.next, 0)
	}
	return left
}

// work is a simulation under way.
type work struct {
	options Options
	plans   *plans
	judge   judge
	atOnce  chan struct{}
	total   int

	mu     sync.Mutex
	report *Report
}

func (w *work) run(ctx context.Context, accounts Accounts) error {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = maxAtOnce
	defer transport.CloseIdleConnections()

	annotators := make([]*client, w.options.Annotators)
	for i := range annotators {
		var err error
		if annotators[i], err = w.open(ctx, accounts, i+1, transport); err != nil {
			return err
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, annotator := range annotators {
		group.Go(func() error { return w.annotate(ctx, annotator) })
	}
	return group.Wait()
}

// open makes the account of an annotator, if there is none yet, and signs it in. Each run sets a new random password.
func (w *work) open(ctx context.Context, accounts Accounts, number int, transport http.RoundTripper) (*client, error) {
	password := rand.Text()
	hash, err := accounts.HashPassword(password)
	if err != nil {
		return nil, err
	}
	email := fmt.Sprintf("sim-%02d@simulated.invalid", number)
	user, _, err := accounts.Store.UserByEmail(ctx, email)
	if ranking.ErrorCode(err) == ranking.CodeNotFound {
		user, err = accounts.Store.CreateUser(ctx, ranking.NewUser{
			Email: email, Name: fmt.Sprintf("Simulated annotator %02d", number), Role: ranking.RoleAnnotator,
			PasswordHash: hash, Simulated: true, Locale: "en",
		})
	} else if err == nil {
		if !user.Simulated {
			return nil, ranking.Errorf(ranking.CodeConflict, "the user %s is not marked simulated; a person cannot be simulated", email)
		}
		err = accounts.Store.SetPasswordHash(ctx, user.ID, hash)
	}
	if err != nil {
		return nil, err
	}
	if err := accounts.Store.AddMember(ctx, w.options.Campaign.ID, user.ID); err != nil {
		return nil, err
	}
	annotator, err := newClient(w.options.Server, transport)
	if err != nil {
		return nil, err
	}
	return annotator, annotator.signIn(ctx, email, password)
}

// annotate works until nothing is left for this annotator.
func (w *work) annotate(ctx context.Context, annotator *client) error {
	for {
		select {
		case w.atOnce <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		more, err := w.judgeNext(ctx, annotator)
		<-w.atOnce
		if err != nil || !more {
			return err
		}
	}
}

// judgeNext does one task.
func (w *work) judgeNext(ctx context.Context, annotator *client) (more bool, err error) {
	started := time.Now()
	task, ok, err := annotator.next(ctx, w.options.Campaign.Name)
	if err != nil || !ok {
		return false, err
	}
	one := w.plans.byTask[taskKey(task.Order)]
	if one == nil {
		err := annotator.skip(ctx, task.Token, "simulated annotator: no truth is known for this task")
		return true, ignoreExpired(err)
	}
	slot := one.slots.take()
	tiers := w.judge.rank(one, slot)
	duplicate, err := annotator.submit(ctx, task.Token, submission{
		Tiers: tiers, ActiveMS: time.Since(started).Milliseconds(), StartedAt: started.UTC(),
	})
	if err != nil {
		one.slots.giveBack(slot)
		return true, ignoreExpired(err)
	}
	w.count(one, tiers, duplicate)
	return true, nil
}

// ignoreExpired passes over a lease that ran out: its task comes back to the queue.
func ignoreExpired(err error) error {
	if ranking.ErrorCode(err) == ranking.CodeExpired {
		return nil
	}
	return err
}

func (w *work) count(one *plan, tiers ranking.Tiers, duplicate bool) {
	o := w.judge.compare(one, tiers)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.report.JudgmentsSubmitted++
	if duplicate {
		w.report.JudgmentsDuplicate++
	}
	w.report.Comparisons += o.pairs
	w.report.Ties += o.ties
	w.report.ComparisonsStrict += o.strict
	w.report.ComparisonsFlipped += o.reversed
	if w.options.Progress != nil {
		w.options.Progress(w.report.JudgmentsSubmitted, w.total)
	}
}
