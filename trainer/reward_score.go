package trainer

import (
	"context"
	"slices"
	"unicode/utf8"

	"rankloop/model"
	"rankloop/ranking"
)

// scorer scores responses with a reward model, each text of a prompt once.
type scorer struct {
	reward    *model.Checkpoint
	engine    *engine
	sequences sequencer
	scores    map[scoredText]float64 // of those that fit
	dropped   int
}

type scoredText struct {
	prompt ranking.PromptKey
	text   string
}

// foreignMaxNew is the room for replies of a reward model that does not say what it was trained with: half its context.
func foreignMaxNew(c model.Config) int { return max(1, c.Context/2) }

func newScorer(reward *model.Checkpoint, microBatchTokens int) (*scorer, error) {
	config := reward.Weights.Config
	maxNew := reward.Meta.RewardMaxNew
	if maxNew == 0 {
		maxNew = foreignMaxNew(config)
	}
	sequences, err := newSequencer(reward.Tokenizer, config.Context, maxNew)
	if err != nil {
		return nil, err
	}
	return &scorer{
		reward: reward, engine: newEngine(config, microBatchTokens, config.Context), sequences: sequences, scores: make(map[scoredText]float64),
	}, nil
}

// scoredAtOnce is how many responses are scored between two looks at the context.
const scoredAtOnce = 64

// pairs scores records and returns their strict pairs, in order. Scores are after the shift. onScored, where it is not
// nil, hears how many of the responses have been scored.
func (s *scorer) pairs(ctx context.Context, records []ranking.Record, onScored func(done, total int)) ([]judgedPair, error) {
	var texts []scoredText
	var inputs [][]int32
	known := make(map[scoredText]bool)
	for i := range records {
		r := &records[i]
		if err := checkRecord(r); err != nil {
			return nil, err
		}
		prompt, _ := s.sequences.prompt(r.Messages)
		for _, response := range r.Responses {
			text := scoredText{ranking.PromptKey{Campaign: r.Campaign, ID: r.PromptID}, response.Text}
			if known[text] {
				continue
			}
			known[text] = true
			if ids, fits := s.sequences.complete(prompt, response.Text); fits {
				texts, inputs = append(texts, text), append(inputs, ids)
			} else {
				s.dropped++
			}
		}
	}
	rewards := make([]float32, len(inputs))
	for from := 0; from < len(inputs); from += scoredAtOnce {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		to := min(from+scoredAtOnce, len(inputs))
		s.engine.rewards(s.reward.Weights, inputs[from:to], rewards[from:to])
		if onScored != nil {
			onScored(to, len(inputs))
		}
	}
	for i, text := range texts {
		s.scores[text] = float64(s.reward.Meta.Reward(rewards[i]))
	}
	var pairs []judgedPair
	for _, r := range records {
		prompt := ranking.PromptKey{Campaign: r.Campaign, ID: r.PromptID}
		for _, c := range r.Comparisons() {
			winner, loser := r.Responses[c.Winner], r.Responses[c.Loser]
			up, fits := s.scores[scoredText{prompt, winner.Text}]
			down, alsoFits := s.scores[scoredText{prompt, loser.Text}]
			if fits && alsoFits && !c.Tied && winner.Text != loser.Text {
				pairs = append(pairs, judgedPair{prompt, r.Annotator, r.Simulated, winner, loser, up - down})
			}
		}
	}
	return pairs, nil
}

// lengthCorrelation is Pearson's correlation of score and number of characters over all responses scored.
func (s *scorer) lengthCorrelation() float64 {
	texts := make([]scoredText, 0, len(s.scores))
	for text := range s.scores {
		texts = append(texts, text)
	}
	slices.SortFunc(texts, func(a, b scoredText) int { // one order of summation
		return slices.Compare([]string{a.prompt.Campaign, a.prompt.ID, a.text}, []string{b.prompt.Campaign, b.prompt.ID, b.text})
	})
	var scores, lengths []float64
	for _, text := range texts {
		scores, lengths = append(scores, s.scores[text]), append(lengths, float64(utf8.RuneCountInString(text.text)))
	}
	_, _, correlation := correlate(scores, lengths)
	return correlation
}

// talliesOf tallies by prompt, in order of first appearance.
func talliesOf(pairs []judgedPair, better func(judgedPair) float64) []tally {
	place := make(map[ranking.PromptKey]int)
	var tallies []tally
	for _, p := range pairs {
		at, ok := place[p.prompt]
		if !ok {
			at = len(tallies)
			place[p.prompt], tallies = at, append(tallies, tally{})
		}
		tallies[at].pairs++
		switch d := better(p); {
		case d > 0:
			tallies[at].right++
		case d == 0:
			tallies[at].right += 0.5
		}
	}
	return tallies
}

func shareOf(pairs []judgedPair, better func(judgedPair) float64, seed int64) ranking.Share {
	tallies := talliesOf(pairs, better)
	value, n := accuracy(tallies)
	low, high := accuracyInterval(tallies, seed)
	return ranking.Share{Value: value, Interval: [2]float64{low, high}, Pairs: n}
}

// difference of two rules' accuracies on the same pairs, with its interval by paired bootstrap: a prompt is drawn for both.
func difference(pairs []judgedPair, a, b func(judgedPair) float64, seed int64) ranking.Share {
	first, second := talliesOf(pairs, a), talliesOf(pairs, b)
	for i := range first {
		first[i].right -= second[i].right
	}
	value, n := accuracy(first)
	if n == 0 {
		return ranking.Share{Interval: [2]float64{-1, 1}}
	}
	low, high := accuracyInterval(first, seed)
	return ranking.Share{Value: value, Interval: [2]float64{low, high}, Pairs: n}
}

// similarLengths says whether two responses' lengths are within a quarter of the longer one.
func similarLengths(p judgedPair) bool {
	a, b := utf8.RuneCountInString(p.winner.Text), utf8.RuneCountInString(p.loser.Text)
	return 4*min(a, b) >= 3*max(a, b)
}

// longerRule prefers the longer response, or the shorter one where that wins more often in training.
func longerRule(train []ranking.Record) func(judgedPair) float64 {
	longer, pairs := 0, 0
	for _, r := range train {
		for _, c := range r.Comparisons() {
			if !c.Tied {
				longer += cmpSign(utf8.RuneCountInString(r.Responses[c.Winner].Text) - utf8.RuneCountInString(r.Responses[c.Loser].Text))
				pairs++
			}
		}
	}
	sign := 1
	if longer < 0 {
		sign = -1
	}
	return func(p judgedPair) float64 {
		return float64(sign * (utf8.RuneCountInString(p.winner.Text) - utf8.RuneCountInString(p.loser.Text)))
	}
}

// modelRule prefers the response of the model that won the larger share of its pairs in training; a model that was not
// there counts as average.
func modelRule(train []ranking.Record) func(judgedPair) float64 {
	wins, pairs := make(map[string]float64), make(map[string]float64)
	for _, r := range train {
		for _, c := range r.Comparisons() {
			winner, loser := r.Responses[c.Winner].Model, r.Responses[c.Loser].Model
			if winner == loser {
				continue
			}
			pairs[winner]++
			pairs[loser]++
			if c.Tied {
				wins[winner] += 0.5
				wins[loser] += 0.5
			} else {
				wins[winner]++
			}
		}
	}
	rate := func(name string) float64 {
		if pairs[name] == 0 {
			return 0.5
		}
		return wins[name] / pairs[name]
	}
	return func(p judgedPair) float64 { return rate(p.winner.Model) - rate(p.loser.Model) }
}

func cmpSign(n int) int { return min(max(n, -1), 1) }
