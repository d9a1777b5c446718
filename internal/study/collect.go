package study

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"rankloop/handlers"
	"rankloop/internal/app"
	"rankloop/internal/dataset"
	"rankloop/internal/demo/judge"
	"rankloop/internal/jobs"
	"rankloop/internal/simulate"
	"rankloop/internal/store"
	"rankloop/ranking"
)

// kinds are requests of which the base model does some well and many not, in ways that a reward model of its size can tell
// (docs/base-model.md).
var kinds = []string{"past", "shorten", "thank", "wish", "text_colour", "advice", "goodbye", "greet"}

// replies of the base model to each prompt that is ranked.
const replies = 4

// judgeTruth makes the hidden judge the simulated annotators' truth.
type judgeTruth struct{}

// Scores implements simulate.Truth.
func (judgeTruth) Scores(task ranking.Task) ([]float64, bool) {
	texts := make([]string, len(task.Responses))
	for i, response := range task.Responses {
		texts[i] = response.Text
	}
	return judged(task.Prompt.Messages, texts), true
}

func judged(messages []ranking.Message, texts []string) []float64 {
	prompt := messages[len(messages)-1].Content
	scores := make([]float64, len(texts))
	for i, text := range texts {
		scores[i] = judge.Judge(prompt, text, true).Score
	}
	return scores
}

// collect lets the base model write replies to prompts and simulated annotators rank them.
func (l *lab) collect(ctx context.Context, name string, prompts []string, annotators, overlap int, flip float64) (ranking.Campaign, simulate.Report, error) {
	campaign, err := l.Store.CreateCampaign(ctx, store.NewCampaign{
		Name: name, K: replies, Overlap: overlap, Seed: l.Seed, GenerateFrom: jobs.DefaultBase, LeaseSeconds: 600,
		Guidelines: "Rank the replies. " + judge.Description,
	})
	if err != nil {
		return campaign, simulate.Report{}, err
	}
	importer := dataset.Importer{Store: l.Store, Enqueue: l.EnqueueGeneration}
	loaded, err := importer.Load(ctx, campaign, name+".jsonl", promptSet(prompts), ranking.PromptIDs{})
	if err != nil {
		return campaign, simulate.Report{}, err
	}
	if _, err := importer.Import(ctx, campaign, []ranking.PromptSetFile{loaded}, false); err != nil {
		return campaign, simulate.Report{}, err
	}
	if err := l.write(ctx, campaign); err != nil {
		return campaign, simulate.Report{}, err
	}
	report, err := l.rank(ctx, campaign, judgeTruth{}, annotators, flip)
	return campaign, report, err
}

// promptSet is a file of prompts without replies.
func promptSet(prompts []string) *bytes.Buffer {
	var file bytes.Buffer
	for i, prompt := range prompts {
		if err := writeLine(&file, map[string]string{"id": fmt.Sprintf("p%05d", i), "prompt": prompt}); err != nil {
			panic(err) // strings into memory
		}
	}
	return &file
}

// write works the queue of generation in this process until no task waits for replies.
func (l *lab) write(ctx context.Context, campaign ranking.Campaign) error {
	working, stop := context.WithCancel(ctx)
	worked := make(chan error, 1)
	go func() { worked <- l.Work(working, app.WorkOptions{}) }()
	err := l.awaitReplies(ctx, campaign, worked)
	stop()
	return errors.Join(err, <-worked)
}

func (l *lab) awaitReplies(ctx context.Context, campaign ranking.Campaign, worked chan error) error {
	for {
		counts, err := l.Store.CampaignCounts(ctx, campaign.ID)
		if err != nil {
			return err
		}
		l.step("replies", counts.TasksTotal-counts.TasksWaiting, counts.TasksTotal, "the base model writes")
		if counts.TasksWaiting == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-worked:
			worked <- nil // for write, which waits for the end
			return errors.Join(errors.New("the worker left before all replies were written"), err)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// rank lets simulated annotators judge every task of a campaign over HTTP.
func (l *lab) rank(ctx context.Context, campaign ranking.Campaign, truth simulate.Truth, annotators int, flip float64) (report simulate.Report, err error) {
	url, stop, err := l.StartServer(ctx)
	if err != nil {
		return report, err
	}
	report, err = simulate.Run(ctx, simulate.Accounts{Store: l.Store, HashPassword: handlers.HashPassword}, simulate.Options{
		Server: url, Campaign: campaign, Truth: truth, Annotators: annotators, Flip: flip, Seed: l.Seed,
		Progress: func(done, total int) { l.step("judgments", done, total, "simulated annotators rank") },
	})
	return report, errors.Join(err, stop())
}

// records are the judgments of a campaign.
func (l *lab) records(ctx context.Context, campaign ranking.Campaign) (all []ranking.Record, err error) {
	err = l.Store.EachRecord(ctx, store.Source{CampaignID: campaign.ID}, func(r ranking.Record) error {
		all = append(all, r)
		return nil
	})
	return all, err
}

// firstComparisons takes one ranking of each prompt in turn, of another annotator each time, until there are n strict
// comparisons; the ranking that would go beyond is left out. All are of the training side.
func firstComparisons(all []ranking.Record, n int) (some []ranking.Record, comparisons int) {
	byPrompt := make(map[string][]ranking.Record)
	var order []string
	for _, r := range all {
		if byPrompt[r.PromptID] == nil {
			order = append(order, r.PromptID)
		}
		byPrompt[r.PromptID] = append(byPrompt[r.PromptID], r)
	}
	for i, prompt := range order {
		of := byPrompt[prompt]
		slices.SortFunc(of, func(a, b ranking.Record) int { return cmp.Compare(a.Annotator, b.Annotator) })
		r := of[i%len(of)]
		strict := 0
		for _, c := range r.Comparisons() {
			if !c.Tied {
				strict++
			}
		}
		if comparisons+strict > n {
			break
		}
		comparisons += strict
		r.Split = ranking.SplitTrain
		some = append(some, r)
	}
	return some, comparisons
}

// withoutNoise gives records the order that the truth has.
func withoutNoise(all []ranking.Record, truth func(messages []ranking.Message, texts []string) []float64) []ranking.Record {
	clean := slices.Clone(all)
	for i, r := range clean {
		texts := make([]string, len(r.Responses))
		for j, response := range r.Responses {
			texts[j] = response.Text
		}
		clean[i].Tiers = tiersOf(truth(r.Messages, texts))
	}
	return clean
}

// tiersOf orders indexes by score, the highest first; equal scores are tied.
func tiersOf(scores []float64) (tiers [][]int) {
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	for at, i := range order {
		if at == 0 || scores[i] != scores[order[at-1]] {
			tiers = append(tiers, nil)
		}
		tiers[len(tiers)-1] = append(tiers[len(tiers)-1], i)
	}
	return tiers
}

// native is a file of records.
func native(records []ranking.Record) (*bytes.Buffer, error) {
	var file bytes.Buffer
	for _, r := range records {
		if err := writeLine(&file, r); err != nil {
			return nil, err
		}
	}
	return &file, nil
}
