package ranking

import (
	"cmp"
	"maps"
	"slices"
	"unicode/utf8"
)

// Statistics are the figures over a stream of records. All shares are 0..1, every interval is a 95 % bootstrap over
// prompts, and a share without anything to count is nil.
type Statistics struct {
	Judgments          int // each turn of a dialogue counts
	SimulatedJudgments int
	Prompts            int // that were judged
	Tasks              int // that were judged
	Comparisons        ComparisonCounts
	Annotators         []AnnotatorStatistics // by name
	Agreement          *Share                // of the pairs that both of two annotators order strictly: ordered the same way
	AgreementTies      *Share                // over all pairs: equal = 1, tie against strict = ½
	LongerWins         *Share                // of the strict pairs: the longer text wins; equal lengths ½
	Models             []ModelStatistics     // by win rate, best first
	TiePropensity      *float64              // Davidson's ν; nil where it cannot be fitted
	Replies            *ReplyStatistics      // of dialogues; nil where there are none
}

// ReplyStatistics says where the replies of conversations came from.
type ReplyStatistics struct {
	Taken    int      `json:"taken"`    // suggestions, as they were
	Edited   int      `json:"edited"`   // suggestions, edited
	Written  int      `json:"written"`  // by hand, from nothing
	Survival *float64 `json:"survival"` // mean share of a suggestion's words that the reply keeps, of those taken and edited; nil for none
}

// add counts a record's reply.
func (s *ReplyStatistics) add(r *Record) {
	switch {
	case r.Dialogue.From == nil:
		s.Written++
		return
	case r.Responses[r.Dialogue.Reply].Written:
		s.Edited++
	default:
		s.Taken++
	}
	if r.Dialogue.Survival == nil {
		return
	}
	n, mean := float64(s.Taken+s.Edited), 0.0
	if s.Survival != nil {
		mean = *s.Survival
	}
	mean += (*r.Dialogue.Survival - mean) / n
	s.Survival = &mean
}

// ComparisonCounts counts the pairs that rankings imply.
type ComparisonCounts struct {
	Total  int `json:"total"`
	Strict int `json:"strict"`
	Ties   int `json:"ties"`
}

// AnnotatorStatistics is one annotator's work.
type AnnotatorStatistics struct {
	Name      string  `json:"name"` // pseudonym
	Simulated bool    `json:"simulated"`
	Judgments int     `json:"judgments"`
	MedianS   float64 `json:"median_s"` // active seconds a judgment
}

// ModelStatistics is how one model's responses fared. A comparison between two responses of one model counts for both.
type ModelStatistics struct {
	Model     string `json:"model"`
	Responses int    `json:"responses"` // judged ones
	Wins      int    `json:"wins"`
	Losses    int    `json:"losses"`
	Ties      int    `json:"ties"`
	// WinRate is (wins + ties/2) / comparisons.
	WinRate float64 `json:"win_rate"`
	// Strength and StrengthTies are the maximum-likelihood strengths of Bradley-Terry (a tie is half a win for each)
	// and of Davidson's model with ties, geometric mean 1; nil where they do not exist.
	Strength     *float64 `json:"bradley_terry"`
	StrengthTies *float64 `json:"davidson"`
}

// StatisticsCollector takes in records one by one; the records of one prompt must follow each other. It keeps a few
// numbers for each prompt and the work time of each judgment, never a text.
type StatisticsCollector struct {
	out        Statistics
	annotators map[string]*annotatorWork
	models     map[string]*ModelStatistics
	outcomes   map[[2]string]*outcomeCount
	prompt     []Record // of the current prompt: tiers and responses' lengths matter
	agreement  []Proportion
	withTies   []Proportion
	longer     []Proportion
}

type annotatorWork struct {
	simulated bool
	activeMS  []int64
}

type outcomeCount struct{ winsA, winsB, ties float64 }

// NewStatisticsCollector starts with nothing.
func NewStatisticsCollector() *StatisticsCollector {
	return &StatisticsCollector{
		annotators: make(map[string]*annotatorWork),
		models:     make(map[string]*ModelStatistics),
		outcomes:   make(map[[2]string]*outcomeCount),
	}
}

// Add takes in one record.
func (c *StatisticsCollector) Add(r Record) {
	if len(c.prompt) > 0 && !samePrompt(&c.prompt[0], &r) {
		c.endPrompt()
	}
	c.prompt = append(c.prompt, r)
	c.out.Judgments++
	if r.Simulated {
		c.out.SimulatedJudgments++
	}
	if r.Dialogue != nil {
		if c.out.Replies == nil {
			c.out.Replies = &ReplyStatistics{}
		}
		c.out.Replies.add(&r)
	}
	work := c.annotators[r.Annotator]
	if work == nil {
		work = &annotatorWork{simulated: r.Simulated}
		c.annotators[r.Annotator] = work
	}
	work.activeMS = append(work.activeMS, r.ActiveMS)
}

func samePrompt(a, b *Record) bool { return a.PromptID == b.PromptID && a.Campaign == b.Campaign }

// endPrompt counts what the current prompt's rankings say.
func (c *StatisticsCollector) endPrompt() {
	if len(c.prompt) == 0 {
		return
	}
	c.out.Prompts++
	tasks := make(map[int64]bool, 1)
	for i := range c.prompt {
		tasks[c.prompt[i].TaskID] = true
	}
	c.out.Tasks += len(tasks)
	var longer Proportion
	for i := range c.prompt {
		r := &c.prompt[i]
		for _, pair := range r.Comparisons() {
			c.countPair(r, pair, &longer)
		}
	}
	c.countResponses()
	strict, ties := agreementOf(c.prompt)
	c.agreement = append(c.agreement, strict)
	c.withTies = append(c.withTies, ties)
	c.longer = append(c.longer, longer)
	c.prompt = c.prompt[:0]
}

func (c *StatisticsCollector) countPair(r *Record, pair Comparison, longer *Proportion) {
	winner, loser := r.Responses[pair.Winner], r.Responses[pair.Loser]
	c.out.Comparisons.Total++
	if winner.Written || loser.Written { // nobody chose it blind: it says nothing about models or about taste
		c.out.Comparisons.Strict++
		return
	}
	a, b := c.model(winner.Model), c.model(loser.Model)
	switch {
	case pair.Tied:
		c.out.Comparisons.Ties++
		a.Ties++
		b.Ties++
	default:
		c.out.Comparisons.Strict++
		a.Wins++
		b.Losses++
		longer.Of++
		switch lw, ll := utf8.RuneCountInString(winner.Text), utf8.RuneCountInString(loser.Text); {
		case lw > ll:
			longer.Count++
		case lw == ll:
			longer.Count += 0.5
		}
	}
	if winner.Model == loser.Model {
		return
	}
	first, second := winner.Model, loser.Model
	swapped := first > second
	if swapped {
		first, second = second, first
	}
	outcome := c.outcomes[[2]string{first, second}]
	if outcome == nil {
		outcome = &outcomeCount{}
		c.outcomes[[2]string{first, second}] = outcome
	}
	switch {
	case pair.Tied:
		outcome.ties++
	case swapped:
		outcome.winsB++
	default:
		outcome.winsA++
	}
}

func (c *StatisticsCollector) model(name string) *ModelStatistics {
	m := c.models[name]
	if m == nil {
		m = &ModelStatistics{Model: name}
		c.models[name] = m
	}
	return m
}

// countResponses counts each response of the current prompt once, however many rankings it is in.
func (c *StatisticsCollector) countResponses() {
	seen := make(map[int]bool)
	for i := range c.prompt {
		for _, response := range c.prompt[i].Responses {
			if !seen[response.FileIndex] && !response.Written {
				seen[response.FileIndex] = true
				c.model(response.Model).Responses++
			}
		}
	}
}

// Result ends the collection and returns the figures. seed draws the bootstrap's samples.
func (c *StatisticsCollector) Result(seed uint64) Statistics {
	c.endPrompt()
	out := c.out
	out.Annotators = []AnnotatorStatistics{}
	for _, name := range slices.Sorted(maps.Keys(c.annotators)) {
		work := c.annotators[name]
		out.Annotators = append(out.Annotators, AnnotatorStatistics{
			Name: name, Simulated: work.simulated, Judgments: len(work.activeMS), MedianS: medianMS(work.activeMS) / 1000,
		})
	}
	out.Agreement = NewShare(c.agreement, seed)
	out.AgreementTies = NewShare(c.withTies, seed)
	out.LongerWins = NewShare(c.longer, seed)
	out.Models = []ModelStatistics{}
	c.fitStrengths(&out)
	for _, m := range c.models {
		if n := m.Wins + m.Losses + m.Ties; n > 0 {
			m.WinRate = (float64(m.Wins) + float64(m.Ties)/2) / float64(n)
		}
		out.Models = append(out.Models, *m)
	}
	slices.SortFunc(out.Models, func(a, b ModelStatistics) int {
		return cmp.Or(cmp.Compare(b.WinRate, a.WinRate), cmp.Compare(a.Model, b.Model))
	})
	return out
}

// fitStrengths fits Bradley-Terry and Davidson where they exist: some models may never have met, or one may have lost
// every time.
func (c *StatisticsCollector) fitStrengths(out *Statistics) {
	names := slices.Sorted(maps.Keys(c.models))
	index := make(map[string]int, len(names))
	for i, name := range names {
		index[name] = i
	}
	var outcomes []Outcome
	for _, key := range slices.SortedFunc(maps.Keys(c.outcomes), func(a, b [2]string) int {
		return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
	}) {
		o := c.outcomes[key]
		outcomes = append(outcomes, Outcome{A: index[key[0]], B: index[key[1]], WinsA: o.winsA, WinsB: o.winsB, Ties: o.ties})
	}
	if strengths, err := BradleyTerry(len(names), outcomes); err == nil {
		for i, name := range names {
			c.models[name].Strength = &strengths[i]
		}
	}
	if strengths, nu, err := Davidson(len(names), outcomes); err == nil {
		for i, name := range names {
			c.models[name].StrengthTies = &strengths[i]
		}
		out.TiePropensity = &nu
	}
}

func medianMS(times []int64) float64 {
	sorted := slices.Sorted(slices.Values(times))
	n := len(sorted)
	if n%2 == 1 {
		return float64(sorted[n/2])
	}
	return float64(sorted[n/2-1]+sorted[n/2]) / 2
}
