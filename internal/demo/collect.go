package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"rankloop/handlers"
	"rankloop/internal/app"
	"rankloop/internal/basemodel"
	"rankloop/internal/dataset"
	"rankloop/internal/demo/judge"
	"rankloop/internal/jobs"
	"rankloop/internal/simulate"
	"rankloop/internal/store"
	"rankloop/ranking"
)

// goldTruth makes the hidden judge the simulated annotators' truth.
type goldTruth struct{}

// Scores implements simulate.Truth.
func (goldTruth) Scores(task ranking.Task) ([]float64, bool) {
	prompt := task.Prompt.Messages[len(task.Prompt.Messages)-1].Content
	scores := make([]float64, len(task.Responses))
	for i, response := range task.Responses {
		scores[i] = judge.Judge(prompt, response.Text, true).Score
	}
	return scores, true
}

// collect lets the base model write the replies and simulated annotators rank them.
func (l *loop) collect(ctx context.Context) (ranking.Campaign, error) {
	campaign, err := l.services.Store.CreateCampaign(ctx, store.NewCampaign{
		Name: "demo", K: k, Overlap: l.size.overlap, Seed: l.Seed, GenerateFrom: jobs.DefaultBase, LeaseSeconds: 600,
		Guidelines: "Rank the replies. " + judge.Description,
	})
	if err != nil {
		return campaign, err
	}
	if err := l.importPrompts(ctx, campaign); err != nil {
		return campaign, err
	}
	if err := l.generate(ctx, campaign); err != nil {
		return campaign, err
	}
	return campaign, l.rank(ctx, campaign)
}

// importPrompts brings requests without replies: the import queues their generation.
func (l *loop) importPrompts(ctx context.Context, campaign ranking.Campaign) error {
	var file bytes.Buffer
	lines := json.NewEncoder(&file)
	for i, prompt := range basemodel.PromptsOf(kinds, uint64(l.Seed), l.size.trainPrompts, false) {
		if err := lines.Encode(map[string]string{"id": fmt.Sprintf("p%05d", i), "prompt": prompt}); err != nil {
			return err
		}
	}
	importer := dataset.Importer{Store: l.services.Store, Enqueue: l.services.EnqueueGeneration}
	loaded, err := importer.Load(ctx, campaign, "demo.jsonl", &file, ranking.PromptIDs{})
	if err != nil {
		return err
	}
	imported, err := importer.Import(ctx, campaign, []ranking.PromptSetFile{loaded}, false)
	l.report.Prompts.Train = imported.PromptsAdded
	return err
}

// generate works the queue in this process until no task waits for replies.
func (l *loop) generate(ctx context.Context, campaign ranking.Campaign) error {
	working, stop := context.WithCancel(ctx)
	worked := make(chan error, 1)
	go func() { worked <- l.services.Work(working, app.WorkOptions{}) }()
	err := l.awaitReplies(ctx, campaign, worked)
	stop()
	return errors.Join(err, <-worked)
}

func (l *loop) awaitReplies(ctx context.Context, campaign ranking.Campaign, worked chan error) error {
	for {
		counts, err := l.services.Store.CampaignCounts(ctx, campaign.ID)
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
			worked <- nil // for generate, which waits for the end
			return errors.Join(errors.New("the worker left before all replies were written"), err)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// rank lets simulated annotators judge every task over HTTP.
func (l *loop) rank(ctx context.Context, campaign ranking.Campaign) error {
	url, stop, err := l.services.StartServer(ctx)
	if err != nil {
		return err
	}
	simulated, err := simulate.Run(ctx, simulate.Accounts{Store: l.services.Store, HashPassword: handlers.HashPassword}, simulate.Options{
		Server: url, Campaign: campaign, Truth: goldTruth{}, Annotators: l.size.annotators, Flip: l.size.flip, Seed: l.Seed,
		Progress: func(done, total int) { l.step("judgments", done, total, "simulated annotators rank") },
	})
	if err := errors.Join(err, stop()); err != nil {
		return err
	}
	l.report.Annotators, l.report.Flip = simulated.Annotators, simulated.Flip
	l.report.Judgments, l.report.Comparisons, l.report.Ties = simulated.JudgmentsSubmitted, simulated.Comparisons, simulated.Ties
	statistics, err := dataset.CampaignStatistics(ctx, l.services.Store, campaign)
	if err != nil {
		return err
	}
	l.report.Agreement = Share{Value: statistics.Agreement.Value, Interval: statistics.Agreement.Interval}
	return nil
}
