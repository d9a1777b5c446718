package cli

import (
	"strings"

	"rankloop/internal/app"
	"rankloop/internal/inference"
	"rankloop/ranking"
)

// ModelBestCmd draws several replies to every prompt and keeps the one that a reward model scores highest: best-of-n (Stiennon
// et al. 2020). Tuning on what it prints is rejection sampling (Touvron et al. 2023, Llama 2, section 3.2.3).
type ModelBestCmd struct {
	Name   string `arg:"" help:"The checkpoint that writes."`
	Reward string `required:"" help:"The reward model's checkpoint." placeholder:"R"`
	In     string `required:"" help:"A prompt set; its responses are ignored (.jsonl, .csv, .parquet or -)." placeholder:"FILE"`
	N      int    `name:"n" default:"16" help:"Replies drawn to each prompt."`
	MaxNew int    `name:"max-new" help:"Longest reply in tokens. Default: half the model's context, at most 1024." placeholder:"N"`
	Seed   uint64 `default:"1" help:"Where all randomness comes from."`
}

// bestPrompt is a prompt with its best reply: a line of a prompt set.
type bestPrompt struct {
	ID        string            `json:"id"`
	Group     string            `json:"group"`
	Messages  []ranking.Message `json:"messages"`
	Responses [1]bestResponse   `json:"responses"`
	Metadata  bestScores        `json:"metadata"`
}

type bestResponse struct {
	Text  string `json:"text"`
	Model string `json:"model"`
}

// bestScores say what choosing has brought.
type bestScores struct {
	Score     float64 `json:"score"`
	MeanScore float64 `json:"mean_score"` // of the finished replies to the prompt
	Finished  int     `json:"finished"`
}

const bestAtOnce = 512 // replies drawn, or of one prompt

// Run prints one line a prompt, as they are done. A reply that its end token did not end is never chosen: tuned on, it would
// teach to go on for ever. A prompt without a finished reply is left out and counted.
func (c ModelBestCmd) Run(ctx *Context) error {
	if c.N < 1 || c.N > 1000 {
		return Usagef("--n must be between 1 and 1000")
	}
	prompts, err := c.read(ctx)
	if err != nil {
		return err
	}
	services, err := ctx.Open()
	if err != nil {
		return err
	}
	progress := ctx.Progress("drawing", int64(len(prompts)))
	defer progress.Close()
	all := []bestPrompt{}
	for done := 0; done < len(prompts); {
		part := prompts[done:min(len(prompts), done+max(1, bestAtOnce/c.N))]
		best, err := c.choose(ctx, services, part, done)
		if err != nil {
			return err
		}
		if !ctx.JSON {
			for _, line := range best {
				if err := ctx.PrintJSON(line); err != nil {
					return err
				}
			}
		}
		all = append(all, best...)
		done += len(part)
		progress.Set(int64(done), "")
	}
	if skipped := len(prompts) - len(all); skipped > 0 {
		ctx.Notef("%d of %d prompts had no finished reply and are left out; more --max-new may help", skipped, len(prompts))
	}
	if ctx.JSON {
		return ctx.PrintJSON(struct {
			Model   string       `json:"model"`
			Reward  string       `json:"reward"`
			N       int          `json:"n"`
			Skipped int          `json:"skipped"`
			Prompts []bestPrompt `json:"prompts"`
		}{c.Name, c.Reward, c.N, len(prompts) - len(all), all})
	}
	return nil
}

func (c ModelBestCmd) read(ctx *Context) (prompts []ranking.Prompt, err error) {
	file, err := ctx.OpenFile(c.In)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	for line, err := range ranking.ReadPromptSet(c.In, file, ranking.DefaultPromptSetLimits()) {
		if err != nil {
			return nil, err
		}
		if line.Bad != nil {
			return nil, ranking.Errorf(ranking.CodeInvalid, "%s:%d: %s", c.In, line.Line, line.Bad).
				WithDetails([]ranking.Detail{line.Bad.At(c.In, line.Line)})
		}
		prompts = append(prompts, line.Prompt)
	}
	return prompts, nil
}

// candidate says whether a reply may be chosen: it has an end and, before it, what a prompt set can hold.
func candidate(r inference.Reply) bool {
	return r.Ended && strings.TrimSpace(r.Text) != "" && !strings.Contains(r.Text, "\x00")
}

// choose draws and scores the replies to some prompts, of which the first is the one with the index from.
func (c ModelBestCmd) choose(ctx *Context, services *app.Services, prompts []ranking.Prompt, from int) ([]bestPrompt, error) {
	var requests []inference.Request
	for i, prompt := range prompts {
		for j := range c.N {
			requests = append(requests, inference.Request{Messages: prompt.Messages, Seed: c.Seed + uint64((from+i)*c.N+j)})
		}
	}
	replies, err := services.Engine.Generate(ctx, c.Name, requests, inference.Options{MaxNew: c.MaxNew, Temperature: 1}, nil)
	if err != nil {
		return nil, err
	}
	var finished []inference.Judged
	for i, reply := range replies {
		if candidate(reply) {
			finished = append(finished, inference.Judged{Messages: requests[i].Messages, Reply: reply.Text})
		}
	}
	scores, err := services.Engine.Score(ctx, c.Reward, finished)
	if err != nil {
		return nil, err
	}
	var best []bestPrompt
	for i, prompt := range prompts {
		line := bestPrompt{ID: prompt.ExternalID, Group: prompt.Group, Messages: prompt.Messages}
		sum := 0.0
		for _, reply := range replies[i*c.N : (i+1)*c.N] {
			if !candidate(reply) {
				continue
			}
			if line.Metadata.Finished == 0 || scores[0] > line.Metadata.Score {
				line.Responses[0], line.Metadata.Score = bestResponse{reply.Text, c.Name}, scores[0]
			}
			sum += scores[0]
			line.Metadata.Finished++
			scores = scores[1:]
		}
		if n := line.Metadata.Finished; n > 0 {
			line.Metadata.MeanScore = sum / float64(n)
			best = append(best, line)
		}
	}
	return best, nil
}
