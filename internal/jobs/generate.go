package jobs

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/fnv"
	"log/slog"
	"slices"
	"strings"

	"github.com/riverqueue/river"

	"rankloop/internal/inference"
	"rankloop/internal/store"
	"rankloop/ranking"
)

const (
	promptsPerJob  = 16 // a job must end well within jobTimeout
	generateRounds = 4  // draws again for replies that came out empty or equal
	seedsPerRound  = 64 // more than any campaign shows
)

// generateArgs asks for the missing responses of a few prompts of a campaign.
type generateArgs struct {
	CampaignID int64   `json:"campaign_id"`
	PromptIDs  []int64 `json:"prompt_ids"`
}

func (generateArgs) Kind() string { return "generate_responses" }

func (generateArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueGenerate, MaxAttempts: 8}
}

// EnqueueGeneration asks, in the caller's transaction, for the missing responses of prompts: they are generated only if
// the import that left them open is stored.
func (c *Client) EnqueueGeneration(ctx context.Context, tx Tx, campaignID int64, promptIDs []int64) error {
	var params []river.InsertManyParams
	for part := range slices.Chunk(promptIDs, promptsPerJob) {
		params = append(params, river.InsertManyParams{Args: generateArgs{CampaignID: campaignID, PromptIDs: part}})
	}
	if len(params) == 0 {
		return nil
	}
	_, err := c.river.InsertManyFastTx(ctx, tx, params)
	return err
}

// generateWorker writes responses. It may run twice for one prompt: a task that has its responses is passed over, and
// all draws derive from the campaign's seed and the prompt, so a second run writes the same.
type generateWorker struct {
	river.WorkerDefaults[generateArgs]
	store  *store.Store
	engine *inference.Engine
	log    *slog.Logger
}

// missing is a prompt that waits for responses, and those drawn for it so far.
type missing struct {
	store.GenerationTask
	texts []string
}

func (w *generateWorker) Work(ctx context.Context, job *river.Job[generateArgs]) error {
	var waiting []*missing
	for _, id := range job.Args.PromptIDs {
		task, err := w.store.GenerationTask(ctx, id)
		if ranking.ErrorCode(err) == ranking.CodeNotFound {
			continue // the campaign is gone
		}
		if err != nil {
			return err
		}
		if task.Waiting && task.Have < task.K {
			waiting = append(waiting, &missing{GenerationTask: task})
		}
	}
	if len(waiting) == 0 {
		return nil
	}
	checkpoint := waiting[0].GenerateFrom // of the campaign
	if err := w.draw(ctx, checkpoint, waiting); err != nil {
		w.log.Warn("responses not generated", "campaign", job.Args.CampaignID, "checkpoint", checkpoint, "error", err)
		if code := ranking.ErrorCode(err); code == ranking.CodeNotFound || code == ranking.CodeInvalid {
			return river.JobCancel(err) // no later attempt could do better
		}
		return err
	}
	return w.add(ctx, checkpoint, waiting)
}

// draw samples replies until every prompt has as many different ones as it lacks, or the rounds are used up.
func (w *generateWorker) draw(ctx context.Context, checkpoint string, waiting []*missing) error {
	for round := range generateRounds {
		var requests []inference.Request
		var owners []*missing
		for _, m := range waiting {
			for i := range m.K - m.Have - len(m.texts) {
				requests = append(requests, inference.Request{
					Messages: m.Prompt.Messages,
					Seed:     replySeed(m.Seed, m.Prompt.ID, round*seedsPerRound+i),
				})
				owners = append(owners, m)
			}
		}
		if len(requests) == 0 {
			return nil
		}
		replies, err := w.engine.Generate(ctx, checkpoint, requests, inference.Sampled, nil)
		if err != nil {
			return err
		}
		for i, reply := range replies {
			m, text := owners[i], strings.TrimSpace(reply.Text)
			if text != "" && !strings.ContainsRune(text, 0) && !slices.Contains(m.texts, text) {
				m.texts = append(m.texts, text)
			}
		}
	}
	return nil
}

func (w *generateWorker) add(ctx context.Context, checkpoint string, waiting []*missing) error {
	var failed error
	for _, m := range waiting {
		if len(m.texts) == 0 {
			w.log.Warn("no usable response came out", "prompt", m.Prompt.ID, "checkpoint", checkpoint)
			continue
		}
		responses := make([]store.GeneratedResponse, len(m.texts))
		for i, text := range m.texts {
			responses[i] = store.GeneratedResponse{Text: text, Model: checkpoint}
		}
		failed = errors.Join(failed, w.store.AddGenerated(ctx, m.Prompt.ID, responses))
	}
	return failed
}

// replySeed derives the seed of one reply from the campaign's seed, the prompt and the reply's place.
func replySeed(campaignSeed, promptID int64, place int) uint64 {
	hash := fnv.New64a()
	for _, part := range []uint64{uint64(campaignSeed), uint64(promptID), uint64(place)} {
		var bytes [8]byte
		binary.LittleEndian.PutUint64(bytes[:], part)
		hash.Write(bytes[:])
	}
	return hash.Sum64()
}
