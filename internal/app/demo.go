package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"rankloop/internal/jobs"
	"rankloop/internal/store"
	"rankloop/ranking"
)

const (
	demoCampaign = "demo"
	demoPrompts  = 40
	demoSeed     = 1
)

const demoGuidelines = `Read the request, then order the replies from best to worst.

A good reply **does what was asked**, keeps to the facts that the request gives, says nothing twice and reads well. Length is no merit in itself. Put replies that are equally good on one level: a tie is an answer.
`

// makeDemoCampaign makes a campaign of requests that the base model can answer, once; the replies are generated in the
// background.
func (s *Services) makeDemoCampaign(ctx context.Context) error {
	campaign, err := s.Store.CreateCampaign(ctx, store.NewCampaign{
		Name: demoCampaign, K: 4, Overlap: 1, Guidelines: demoGuidelines,
		GenerateFrom: jobs.DefaultBase, LeaseSeconds: 1800, Seed: demoSeed, Schema: ranking.DefaultSchema(),
	})
	if ranking.ErrorCode(err) == ranking.CodeConflict {
		return nil
	}
	if err != nil {
		return err
	}
	prompts, err := promptSet(s.Base.Prompts(demoSeed, demoPrompts, false))
	if err != nil {
		return err
	}
	_, err = s.Store.ImportPrompts(ctx, campaign.ID, prompts, store.ImportOptions{
		InTx: func(ctx context.Context, tx jobs.Tx, r store.ImportResult) error {
			return s.EnqueueGeneration(ctx, tx, campaign.ID, r.GeneratePromptIDs)
		},
	})
	return err
}

// promptSet writes texts as a prompt set and reads it as an import would.
func promptSet(texts []string) ([]store.PromptInput, error) {
	var file bytes.Buffer
	for i, text := range texts {
		line, err := json.Marshal(map[string]string{"id": fmt.Sprintf("demo-%03d", i+1), "prompt": text})
		if err != nil {
			return nil, err
		}
		file.Write(append(line, '\n'))
	}
	var inputs []store.PromptInput
	for line, err := range ranking.ReadPromptSet("demo.jsonl", &file, ranking.DefaultPromptSetLimits()) {
		if err != nil {
			return nil, err
		}
		if line.Bad != nil {
			return nil, fmt.Errorf("demo prompt %d: %s", line.Line, line.Bad)
		}
		inputs = append(inputs, store.PromptInput{Prompt: line.Prompt, ContentSHA256: line.ContentSHA256, Line: line.Line})
	}
	return inputs, nil
}
