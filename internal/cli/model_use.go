package cli

import (
	"io"
	"strings"

	"rankloop/internal/inference"
	"rankloop/ranking"
)

// ModelGenerateCmd samples replies.
type ModelGenerateCmd struct {
	Name        string  `arg:"" help:"The checkpoint."`
	Prompt      string  `required:"" help:"What the user says." placeholder:"P"`
	N           int     `name:"n" default:"1" help:"How many replies."`
	Seed        uint64  `default:"1" help:"Where all randomness comes from."`
	MaxNew      int     `name:"max-new" help:"Longest reply in tokens. Default: half the model's context, at most 1024." placeholder:"N"`
	Temperature float64 `default:"1" help:"0 takes the most probable token."`
	TopK        int     `name:"top-k" help:"Draw among the K most probable tokens only. Default: all." placeholder:"K"`
	TopP        float64 `name:"top-p" help:"Draw among the fewest tokens that hold this probability. Default: all." placeholder:"P"`
	Raw         bool    `help:"Continue the prompt as it stands, special tokens by name included, instead of answering it."`
}

// Run prints the replies; a single one streams as it is written.
func (c ModelGenerateCmd) Run(ctx *Context) error {
	if c.N < 1 || c.N > 1000 {
		return Usagef("--n must be between 1 and 1000")
	}
	if strings.TrimSpace(c.Prompt) == "" {
		return Usagef("the prompt is empty; write --prompt TEXT")
	}
	services, err := ctx.Open()
	if err != nil {
		return err
	}
	requests := make([]inference.Request, c.N)
	for i := range requests {
		requests[i] = inference.Request{Seed: c.Seed + uint64(i)}
		if c.Raw {
			requests[i].Raw = c.Prompt
		} else {
			requests[i].Messages = []ranking.Message{{Role: "user", Content: c.Prompt}}
		}
	}
	var onText func(int, string)
	if c.N == 1 && !ctx.JSON {
		onText = func(_ int, text string) { ctx.Printf("%s", text) }
	}
	replies, err := services.Engine.Generate(ctx, c.Name, requests, inference.Options{
		MaxNew: c.MaxNew, Temperature: c.Temperature, TopK: c.TopK, TopP: c.TopP,
	}, onText)
	if err != nil {
		return err
	}
	return c.print(ctx, replies)
}

func (c ModelGenerateCmd) print(ctx *Context, replies []inference.Reply) error {
	if ctx.JSON {
		type response struct {
			Text    string  `json:"text"`
			Tokens  int     `json:"tokens"`
			IDs     []int32 `json:"ids"`
			Ended   bool    `json:"ended"`
			LogProb float64 `json:"log_prob"`
		}
		responses := make([]response, len(replies))
		for i, reply := range replies {
			responses[i] = response{reply.Text, reply.Tokens, reply.IDs, reply.Ended, reply.LogProb}
		}
		return ctx.PrintJSON(struct {
			Model     string     `json:"model"`
			Prompt    string     `json:"prompt"`
			Seed      uint64     `json:"seed"`
			Responses []response `json:"responses"`
		}{c.Name, c.Prompt, c.Seed, responses})
	}
	if len(replies) == 1 { // it has streamed
		ctx.Printf("\n")
		return nil
	}
	for i, reply := range replies {
		ctx.Printf("%d. %s\n", i+1, strings.TrimSpace(reply.Text))
	}
	return nil
}

// ModelScoreCmd scores responses.
type ModelScoreCmd struct {
	Name string `arg:"" help:"The reward model's checkpoint."`
	In   string `required:"" help:"A prompt set with responses (.jsonl, .csv, .parquet or -)." placeholder:"FILE"`
}

// scoredPrompt is a prompt with the scores of its responses, in the file's order: the form of a truth file.
type scoredPrompt struct {
	ID     string    `json:"id"`
	Scores []float64 `json:"scores"`
}

// Run prints one line a prompt.
func (c ModelScoreCmd) Run(ctx *Context) error {
	file, err := ctx.OpenFile(c.In)
	if err != nil {
		return err
	}
	defer file.Close()
	prompts, items, err := readJudged(c.In, file)
	if err != nil {
		return err
	}
	services, err := ctx.Open()
	if err != nil {
		return err
	}
	progress := ctx.Progress("scoring", int64(len(items)))
	defer progress.Close()
	scores := make([]float64, 0, len(items))
	for len(scores) < len(items) {
		part := items[len(scores):min(len(scores)+scoreAtOnce, len(items))]
		done, err := services.Engine.Score(ctx, c.Name, part)
		if err != nil {
			return err
		}
		scores = append(scores, done...)
		progress.Set(int64(len(scores)), "")
	}
	for i := range prompts {
		n := len(prompts[i].Scores)
		copy(prompts[i].Scores, scores)
		scores = scores[n:]
	}
	if ctx.JSON {
		return ctx.PrintJSON(struct {
			Model   string         `json:"model"`
			Prompts []scoredPrompt `json:"prompts"`
		}{c.Name, prompts})
	}
	for _, prompt := range prompts {
		if err := ctx.PrintJSON(prompt); err != nil {
			return err
		}
	}
	return nil
}

const scoreAtOnce = 256

// readJudged reads a prompt set with responses. A response that occurs twice has one score at each of its places.
func readJudged(path string, file io.Reader) (prompts []scoredPrompt, items []inference.Judged, err error) {
	for line, err := range ranking.ReadPromptSet(path, file, ranking.DefaultPromptSetLimits()) {
		if err != nil {
			return nil, nil, err
		}
		if line.Bad != nil {
			return nil, nil, ranking.Errorf(ranking.CodeInvalid, "%s:%d: %s", path, line.Line, line.Bad).
				WithDetails([]ranking.Detail{line.Bad.At(path, line.Line)})
		}
		places := map[int]string{}
		for _, response := range line.Responses {
			for _, place := range response.FileIndexes {
				places[place] = response.Text
			}
		}
		prompt := scoredPrompt{ID: line.Prompt.ExternalID, Scores: make([]float64, len(places))}
		for place := range len(places) {
			items = append(items, inference.Judged{Messages: line.Prompt.Messages, Reply: places[place]})
		}
		prompts = append(prompts, prompt)
	}
	return prompts, items, nil
}
